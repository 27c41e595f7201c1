// Which lines of the new version a diff shows: only there GitHub takes comments. Pure.

/** Line numbers on the right side of a unified diff's hunks. */
export const shownLines = (patch: string): ReadonlySet<number> => {
  const shown = new Set<number>();
  let line = 0;
  for (const text of patch.split('\n')) {
    const start = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(text)?.[1];
    if (start !== undefined) line = Number(start);
    else if (text.startsWith('+') || text.startsWith(' ')) {
      shown.add(line);
      line += 1;
    }
  }
  return shown;
};
