// The two to six letters in front of a rig's bead ids, made from the rig's name. Pure.

/** `hq` is the town's own prefix: convoys, escalations and mail. */
export const townPrefix = 'hq';
const letters = 'abcdefghijklmnopqrstuvwxyz';

const candidates = function* (name: string): Generator<string> {
  const words = name
    .toLowerCase()
    .normalize('NFD')
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const joined = words.join('') || 'rig';
  const base = joined.length < 2 ? `${joined}rig` : joined;
  const initials = words
    .map((word) => word.charAt(0))
    .join('')
    .slice(0, 6);
  if (initials.length >= 2) yield initials;
  for (const length of [3, 4, 2, 5, 6]) if (base.length >= length) yield base.slice(0, length);
  const stem = base.slice(0, 3);
  for (const one of letters) yield `${stem}${one}`;
  for (const one of letters) for (const two of letters) yield `${stem}${one}${two}`;
};

/** The first free prefix that the name suggests; undefined when hundreds are taken already. */
export const prefixFor = (name: string, taken: ReadonlySet<string>): string | undefined => {
  for (const candidate of candidates(name)) if (candidate !== townPrefix && !taken.has(candidate)) return candidate;
  return undefined;
};
