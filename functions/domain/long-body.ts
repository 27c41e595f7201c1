// A body that is too long for its item: what of it stays there, and which bodies are only such a beginning. Pure.
import type { Bead } from '../contracts/bead.schema.ts';
import { limits } from '../contracts/primitives.schema.ts';

const utf8 = new TextEncoder();
export const bytesOf = (text: string): number => utf8.encode(text).length;
/** Whether the body must go to Files. */
export const isLong = (text: string): boolean => bytesOf(text) > limits.bodyBytes;

/** At most so many bytes of whole characters. */
const firstBytes = (text: string, bytes: number): string =>
  new TextDecoder().decode(utf8.encode(text).subarray(0, bytes)).replace(/\uFFFD$/, '');

const noteOf = (bytes: number): string =>
  `\n\n(This is the beginning. The whole text has ${bytes} bytes: gt_bead_status with body_from reads it, and so does /body of the bead.)`;
/** What stays in the item; it says itself that there is more. */
export const beginningOf = (text: string): string => `${firstBytes(text, limits.bodyStartBytes)}${noteOf(bytesOf(text))}`;
/** Whether the text is one that was read from the item, with changes or without, and not the whole. */
export const isOnlyBeginning = (bead: Bead, text: string): boolean =>
  bead.bodyFile !== undefined && text.includes(noteOf(bead.bodyFile.bytes).trim());
