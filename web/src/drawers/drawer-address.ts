// Drawers live in the address: `?bead=web-3kf9&agent=toast` is a bead's drawer with an agent's on top. The order is the stack.
const kinds = ['bead', 'agent'] as const;
export type DrawerKind = (typeof kinds)[number];
export interface DrawerAddress {
  readonly kind: DrawerKind;
  readonly id: string;
}

const isKind = (name: string): name is DrawerKind => kinds.some((kind) => kind === name);

/** The open drawers, the topmost last. */
export const drawersOf = (search: string): readonly DrawerAddress[] => {
  const found: DrawerAddress[] = [];
  for (const [name, id] of new URLSearchParams(search)) if (isKind(name) && id !== '') found.push({ kind: name, id });
  return found;
};

export const keyOfDrawer = (drawer: DrawerAddress): string => `${drawer.kind}:${drawer.id}`;

/** The same search with these drawers; other parameters stay. */
export const withDrawers = (search: string, drawers: readonly DrawerAddress[]): string => {
  const next = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(search)) if (!isKind(name)) next.append(name, value);
  for (const drawer of drawers) next.append(drawer.kind, drawer.id);
  return next.size === 0 ? '' : `?${next}`;
};

/** One more on top. One that is open already comes back to the top by closing what is above it. */
export const withDrawerOnTop = (search: string, drawer: DrawerAddress): string => {
  const open = drawersOf(search);
  const at = open.findIndex((known) => keyOfDrawer(known) === keyOfDrawer(drawer));
  return withDrawers(search, at === -1 ? [...open, drawer] : open.slice(0, at + 1));
};

/** Without this drawer and everything above it. */
export const withoutDrawer = (search: string, key: string): string => {
  const open = drawersOf(search);
  const at = open.findIndex((known) => keyOfDrawer(known) === key);
  return withDrawers(search, at === -1 ? open : open.slice(0, at));
};
