// Reads the beginning of git's smart HTTP ref advertisement (gitprotocol-http, protocol version 0). Pure.

export interface Advertisement {
  readonly defaultBranch: string;
  readonly empty: boolean;
}
/** `more`: the first reference has not arrived yet. `not-git`: the bytes are something else. */
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

/**
 * The default branch from the symref capability. A repository without commits advertises none: then `main` and `empty`.
 * When HEAD names a branch that does not exist, the first branch advertised is taken.
 */
export const parseAdvertisement = (bytes: Buffer, service: string): AdvertisementParse => {
  const header = packetAt(bytes, 0);
  if (header === 'more' || header === 'not-git') return { kind: header };
  if (header.text !== `# service=${service}`) return { kind: 'not-git' };
  const flush = packetAt(bytes, header.next);
  if (flush === 'more' || flush === 'not-git') return { kind: flush };
  let packet = packetAt(bytes, flush.next);
  let symref: string | undefined;
  for (let position = 0; ; position += 1) {
    if (packet === 'more' || packet === 'not-git') return { kind: packet };
    if (packet.flush) return { kind: 'done', advertisement: { defaultBranch: symref ?? 'main', empty: true } };
    const [reference = '', capabilities = ''] = packet.text.split('\0');
    if (position === 0) symref = branchOf(/(?:^| )symref=HEAD:(\S+)/.exec(capabilities)?.[1] ?? '');
    const name = reference.slice(reference.indexOf(' ') + 1);
    if (name === 'capabilities^{}') return { kind: 'done', advertisement: { defaultBranch: symref ?? 'main', empty: true } };
    const found = symref ?? branchOf(name);
    if (found !== undefined) return { kind: 'done', advertisement: { defaultBranch: found, empty: false } };
    packet = packetAt(bytes, packet.next);
  }
};
