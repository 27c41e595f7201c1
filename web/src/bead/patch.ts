// Reads a unified patch into lines with their numbers. Pure.
export interface PatchLine {
  readonly kind: 'hunk' | 'add' | 'remove' | 'same' | 'note';
  readonly text: string;
  readonly oldNumber?: number;
  readonly newNumber?: number;
}

/** Header lines (`diff --git`, `index`, `---`, `+++`) are left out; an unreadable patch gives no lines. */
export const linesOf = (patch: string): readonly PatchLine[] => {
  const lines: PatchLine[] = [];
  let oldNumber = 0;
  let newNumber = 0;
  let isInHunk = false;
  const all = patch.endsWith('\n') ? patch.slice(0, -1).split('\n') : patch.split('\n');
  for (const text of all) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(text);
    if (hunk !== null) {
      isInHunk = true;
      oldNumber = Number(hunk[1]);
      newNumber = Number(hunk[2]);
      lines.push({ kind: 'hunk', text: hunk[3]?.trim() === '' ? `Line ${newNumber}` : `Line ${newNumber} · ${hunk[3]?.trim() ?? ''}` });
      continue;
    }
    if (!isInHunk) continue;
    if (text.startsWith('diff --git ')) isInHunk = false;
    else if (text.startsWith('+')) {
      lines.push({ kind: 'add', text: text.slice(1), newNumber });
      newNumber += 1;
    } else if (text.startsWith('-')) {
      lines.push({ kind: 'remove', text: text.slice(1), oldNumber });
      oldNumber += 1;
    } else if (text.startsWith('\\')) lines.push({ kind: 'note', text: text.slice(1).trim() });
    else {
      lines.push({ kind: 'same', text: text.slice(1), oldNumber, newNumber });
      oldNumber += 1;
      newNumber += 1;
    }
  }
  return lines;
};
