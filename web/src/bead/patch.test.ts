import { describe, expect, it } from 'vitest';
import { linesOf } from './patch.ts';

describe('a patch', () => {
  it('becomes lines with both numbers; headers are left out', () => {
    const patch = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -3,3 +3,3 @@ f()\n a\n-b\n+c\n d\n';
    expect(linesOf(patch)).toEqual([
      { kind: 'hunk', text: 'Line 3 · f()' },
      { kind: 'same', text: 'a', oldNumber: 3, newNumber: 3 },
      { kind: 'remove', text: 'b', oldNumber: 4 },
      { kind: 'add', text: 'c', newNumber: 4 },
      { kind: 'same', text: 'd', oldNumber: 5, newNumber: 5 },
    ]);
  });
  it('may change lines that look like headers', () => {
    expect(linesOf('@@ -1 +1 @@\n--- old rule\n+++ new rule\n').map(({ kind, text }) => [kind, text])).toEqual([
      ['hunk', 'Line 1'],
      ['remove', '-- old rule'],
      ['add', '++ new rule'],
    ]);
  });
  it('says where a file has no newline at its end', () => {
    expect(linesOf('@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n').map(({ kind }) => kind)).toEqual([
      'hunk',
      'remove',
      'note',
      'add',
    ]);
  });
  it('that cannot be read gives no lines', () => {
    expect(linesOf('Binary files differ')).toEqual([]);
  });
});
