// Reads the branches in git's smart HTTP ref advertisement (gitprotocol-http, protocol version 0). Pure.

export interface Advertisement {
  readonly defaultBranch: string;
  /** By name, at most `branchLimit`. */
  readonly branches: readonly string[];
  /** There may be branches that were not read. */
  readonly moreBranches: boolean;
}
/** `more`: the branches have not all arrived yet. `not-git`: the bytes are something else. */
export type AdvertisementParse =
  | { readonly kind: 'done'; readonly advertisement: Advertisement }
  | { readonly kind: 'more' }
  | { readonly kind: 'not-git' };

interface Packet {
  readonly text: string;
  readonly flush: boolean;
  readonly next: number;
}
const packetAt = (bytes: Buffer, offset: number): Packet | 'more' | 'not-git' => {
  if (bytes.length < offset + 4) return 'more';
  const head = bytes.toString('latin1', offset, offset + 4);
  if (!/^[0-9a-f]{4}$/i.test(head)) return 'not-git';
  const length = Number.parseInt(head, 16);
  if (length === 0) return { text: '', flush: true, next: offset + 4 };
  if (length < 4) return 'not-git';
  if (bytes.length < offset + length) return 'more';
  return { text: bytes.toString('utf8', offset + 4, offset + length).replace(/\n$/, ''), flush: false, next: offset + length };
};

const branchOf = (ref: string): string | undefined => /^refs\/heads\/(.+)$/.exec(ref)?.[1];

export const branchLimit = 1000;

/**
 * The default branch from the symref capability; when HEAD names a branch that does not exist, hosts name none, and the first branch is taken.
 * A repository without commits has no branches: then `main`. `isCut`: nothing comes after these bytes, whatever they end with.
 */
export const parseAdvertisement = (bytes: Buffer, service: string, isCut = false): AdvertisementParse => {
  const header = packetAt(bytes, 0);
  if (header === 'more' || header === 'not-git') return { kind: header };
  if (header.text !== `# service=${service}`) return { kind: 'not-git' };
  const flush = packetAt(bytes, header.next);
  if (flush === 'more' || flush === 'not-git') return { kind: flush };
  const branches: string[] = [];
  let symref: string | undefined;
  const done = (moreBranches: boolean): AdvertisementParse => ({
    kind: 'done',
    advertisement: { defaultBranch: symref ?? branches[0] ?? 'main', branches, moreBranches },
  });
  let packet = packetAt(bytes, flush.next);
  for (let position = 0; ; position += 1) {
    if (packet === 'not-git' || (packet === 'more' && (!isCut || position === 0))) return { kind: packet };
    if (packet === 'more' || branches.length >= branchLimit) return done(true);
    if (packet.flush) return done(false);
    const [reference = '', capabilities = ''] = packet.text.split('\0');
    if (position === 0) symref = branchOf(/(?:^| )symref=HEAD:(\S+)/.exec(capabilities)?.[1] ?? '');
    const name = reference.slice(reference.indexOf(' ') + 1);
    const branch = branchOf(name);
    if (branch !== undefined) branches.push(branch);
    // References come sorted, HEAD first: what comes after the branches is not needed.
    else if (name > 'refs/heads0' && name !== 'capabilities^{}') return done(false);
    packet = packetAt(bytes, packet.next);
  }
};
