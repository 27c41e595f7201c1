// docs/rules.md says which tests hold which rule of a town; what it says must be so.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { idsInCode, problemsOf, rulesIn, testsIn } from './rule-ties.ts';

const root = join(import.meta.dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Tests, and the suites that tests of several stores or hosts run. */
const testFile = /(?:\.test|^test\/(?:store\/store|search\/index|hosts\/pull-request)-contract(?:-lists)?)\.ts$/;
const sourceOf = (file: string): string | undefined => (testFile.test(file) && existsSync(join(root, file)) ? textOf(file) : undefined);
const document = textOf('docs/rules.md');
const wanted = idsInCode(textOf('functions/domain/plan/action.ts'), textOf('functions/domain/invariants.ts'));

describe('docs/rules.md', () => {
  it('ties every rule to tests that exist, and lists none twice', () => {
    expect(problemsOf({ text: document, wanted, sourceOf })).toEqual([]);
    expect(rulesIn(document).rules.length).toBeGreaterThan(200);
  });

  it('has every rule of the plan and every invariant', () => {
    expect(wanted).toEqual(expect.arrayContaining(['A0', 'A6', 'B1', 'B11', 'C4', 'G1', 'H4', 'I1', 'I11', 'M5', 'R5', 'S1', 'T2', 'W1']));
    expect(problemsOf({ text: '', wanted, sourceOf }).length).toBe(wanted.length);
  });

  it('is made of items of the one form', () => {
    const odd = document
      .split('\n')
      .filter((line) => /^\s*- /.test(line) && !/^(?:- `[A-Za-z][\w.]*` \S| {2}- `[^`]+\.ts` › \S)/.test(line));
    expect(odd).toEqual([]);
  });
});

describe('a planted mistake turns the check red', () => {
  const source = `
    describe('a bead', () => {
      it('is worked once', () => {});
      it.each([['open', 1], ['held', 2]] as const)('stays %s', () => {});
    });
    it('is \${not} a test of a bead', () => {});
  `;
  const line = (id: string, tie: string): string => `- \`${id}\` A rule.\n  - \`a.test.ts\` › ${tie}\n`;
  const check = (text: string, ids: readonly string[] = []): readonly string[] =>
    problemsOf({ text, wanted: ids, sourceOf: (file) => (file === 'a.test.ts' ? source : undefined) });

  it('and nothing else does', () => {
    const text = [line('B1', 'is worked once'), line('B2', 'a bead › stays held'), line('B3', 'is worked …'), line('B4', 'a bead')].join(
      '',
    );
    expect(check(text, ['B1', 'B4'])).toEqual([]);
    expect(testsIn(source)).toContainEqual(['a bead', 'stays %s']);
  });
  it.each([
    ['a test that is not there', line('B1', 'is worked twice'), ['B1: a.test.ts has no test "is worked twice"']],
    ['only a part of a name', line('B1', 'is worked'), ['B1: a.test.ts has no test "is worked"']],
    ['a test in another group', line('B1', 'an agent › is worked once'), ['B1: a.test.ts has no test "an agent › is worked once"']],
    ['a row that is not there', line('B1', 'stays closed'), ['B1: a.test.ts has no test "stays closed"']],
    ['a file that is not there', line('B1', 'x').replace('a.test', 'b.test'), ['B1: there is no file b.test.ts']],
    ['a rule without a test', '- `B1` A rule.\n', ['B1: names no test']],
    ['a rule twice', line('B1', 'a bead') + line('B1', 'a bead'), ['B1: is listed twice']],
    ['a rule that is there and not yet', `${line('B1', 'a bead')}\n## Not yet\n\n- \`B1\` Later.\n`, ['B1: is listed twice']],
  ])('%s', (_what, text, problems) => {
    expect(check(text)).toEqual(problems);
  });
  it('a rule of the code that the document does not have, or has as not yet there', () => {
    const problem = ['B7: is a rule of the code and not in the document'];
    expect([check(line('B1', 'a bead'), ['B1', 'B7']), check('\n## Not yet\n\n- `B7` Later.\n', ['B7'])]).toEqual([problem, problem]);
  });
});
