// Marks in what the product writes on GitHub, which does not show them: they tell what was written already. Pure.

const mark = (key: string): string => `<!-- gastown:${key.replaceAll(/[^A-Za-z0-9._#:-]/g, '_')} -->`;
const replyKey = (key: string): string => `reply:${key}`;

/** GitHub takes comments of up to 65 536 characters. */
const textCharacters = 60_000;
export const marked = (text: string, key: string): string => `${text.slice(0, textCharacters)}\n\n${mark(key)}`;
export const markedReply = (text: string, key: string): string => marked(text, replyKey(key));

interface Written {
  readonly body: string;
  readonly viewerDidAuthor: boolean;
}
/** Only our own count: somebody else's copy of a mark keeps nothing from being written. */
export const isWritten = (texts: readonly Written[], key: string): boolean =>
  texts.some(({ body, viewerDidAuthor }) => viewerDidAuthor && body.trimEnd().endsWith(mark(key)));
export const isReplied = (texts: readonly Written[], key: string): boolean => isWritten(texts, replyKey(key));

/** An answer of the town in a thread. */
export const isReply = (body: string): boolean => /<!-- gastown:reply:\S+ -->\s*$/.test(body);
