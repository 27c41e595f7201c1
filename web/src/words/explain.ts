// What the control plane says of a merge request, as one sentence with the request in it. Pure.
/** Beginnings of what is said of a request by itself, and how they go on after its name. */
const continued: readonly (readonly [RegExp, string])[] = [
  [/^(Is|Was|Waits) /, '$1 '],
  [/^Reviewed and good; waits /, 'is reviewed and good, and waits '],
  [/^Stopped after /, 'was stopped after '],
  [/^Closed without /, 'was closed without '],
  [/^Merged into /, 'was merged into '],
  [/^Given up: /, 'was given up: '],
];

/** `Its merge request shop-mr12: Is being merged …` → `Its merge request shop-mr12 is being merged …`; other sentences stay. */
export const asOneSentence = (sentence: string): string => {
  const found = /^(Its merge request \S+): (.*)$/s.exec(sentence);
  const [, subject = '', rest = ''] = found ?? [];
  if (found === null) return sentence;
  for (const [beginning, words] of continued)
    if (beginning.test(rest)) return `${subject} ${rest.replace(beginning, words).replace(/^[A-Z]/, (letter) => letter.toLowerCase())}`;
  return `${subject} is not merged yet. ${rest}`;
};
