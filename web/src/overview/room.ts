// How much more fits into a message whose size is limited in bytes. Pure.
/** From here on the rest is counted. */
const nearShare = 0.8;

export interface Room {
  readonly isOver: boolean;
  /** Empty while there is plenty of room. */
  readonly sentence: string;
}
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
const grouped = (n: number): string => n.toLocaleString('en');

/** One character is one byte in most texts; others count for more, hence "about". */
export const roomOf = (text: string, maxBytes: number): Room => {
  // No character is less than a byte or more than three: most texts need no counting.
  if (text.length * 3 < maxBytes * nearShare) return { isOver: false, sentence: '' };
  const left = maxBytes - bytesOf(text);
  if (left < 0)
    return {
      isOver: true,
      sentence: `About ${grouped(-left)} characters too long for one message. Nothing was cut; shorten it, or send the rest as a second one.`,
    };
  return { isOver: false, sentence: left > maxBytes * (1 - nearShare) ? '' : `About ${grouped(left)} characters left.` };
};
