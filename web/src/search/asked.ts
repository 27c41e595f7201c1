// What is typed into the search field: words, or the path of a file or folder.

export interface Asked {
  readonly q?: string;
  readonly path?: string;
}

/** `src/billing`, `src/app.ts`, `./README.md`: one word with a slash in it, or with the ending of a file. */
const pathShape = /^(?:\.\/)?[\w@.+()[\]-]+(?:\/[\w@.+()[\]-]*)+$|^[\w@+-]+(?:\.[\w+-]+)*\.[a-z][a-z0-9]{0,5}$/;

/** Undefined while there is nothing to look for. */
export const askedIn = (text: string): Asked | undefined => {
  const plain = text.trim();
  if (plain === '') return undefined;
  return pathShape.test(plain) ? { path: plain.replace(/^\.\//, '') } : { q: plain };
};
