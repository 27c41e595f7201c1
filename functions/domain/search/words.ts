// Words in the form in which they are looked for: small letters, without accents, endings of the plural and words that say nothing.

const longestWord = 32;
const empty = new Set(
  'a an and are as at be but by can do for from has have i if in into is it its me my no not of on or our so that the their them then there these they this to up was we were what when which will with you your'.split(
    ' ',
  ),
);
/** Scripts without spaces between words: any two letters beside each other are looked for. */
const unspaced = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{3,}$/u;
const pairsOf = (word: string): string[] => {
  const letters = Array.from(word);
  return letters.slice(1).map((letter, before) => `${letters[before] ?? ''}${letter}`);
};
const singular = (word: string): string => (word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word);

/** In order and with repeats. `parseInvoices` is `parse` and `invoice`. */
export const wordsOf = (text: string): string[] => {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase();
  return [...plain.matchAll(/[\p{L}\p{N}]+/gu)]
    .flatMap(([word]) => (unspaced.test(word) ? pairsOf(word) : [singular(word.slice(0, longestWord))]))
    .filter((word) => word.length > 1 && !empty.has(word));
};

const encoder = new TextEncoder();
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** Distinct words within a size; those of earlier texts come first, within a text the frequent ones. */
export const distinctWithin = (texts: readonly string[], maxBytes: number): string => {
  const chosen = new Set<string>();
  let bytes = 0;
  for (const text of texts) {
    const counts = new Map<string, number>();
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const [word] of [...counts].toSorted(([, one], [, other]) => other - one)) {
      const more = bytesOf(word) + 1;
      if (chosen.has(word) || bytes + more > maxBytes) continue;
      chosen.add(word);
      bytes += more;
    }
  }
  return [...chosen].join(' ');
};
