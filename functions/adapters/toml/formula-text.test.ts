// Formulas of other tools come in and go out: the format of Beads and Gas Town, with keys that are not ours.
import { describe, expect, it } from 'vitest';
import { builtInFormulas } from '../../domain/formulas/built-in/built-in.ts';
import { cook } from '../../domain/formulas/cook.ts';
import { readFormula, tomlOf } from './formula-text.ts';

const release = `description = """
Cut a release.
"""
formula = "release"
type = "workflow"
version = 1
phase = "vapor"

[vars]
channel = "stable"

[vars.version]
description = "The version to release"
required = true
pattern = '^\\d+\\.\\d+\\.\\d+$'

[[steps]]
id = "bump"
title = "Bump to {{version}}"
description = """
Run \`./bump.sh {{version}}\`.
"""

[[steps]]
id = "wait-ci"
title = "Wait for CI"
needs = ["bump"]
[steps.gate]
type = "gh:run"
id = "release"
timeout = "30m"

[[steps]]
id = "announce"
title = "Announce on {{channel}}"
depends_on = ["wait-ci"]
priority = 1
labels = ["news"]
`;
const read = (text: string) => {
  const result = readFormula(text);
  if (!result.ok) throw new Error(result.message);
  return result.formula;
};

describe('TOML of Beads and Gas Town', () => {
  it('is read: variables in both forms, needs and depends_on, gates, priorities', () => {
    const result = cook(read(release), builtInFormulas, { values: { version: '1.2.3' }, known: {} }, { title: '', description: '' });
    expect(result).toMatchObject({
      ok: true,
      checklist: {
        steps: [
          { stepId: 'bump', title: 'Bump to 1.2.3', description: 'Run `./bump.sh 1.2.3`.\n' },
          { stepId: 'wait-ci', needs: ['bump'], gate: { type: 'human', waitsFor: 'gh:run release' } },
          { stepId: 'announce', title: 'Announce on stable', needs: ['wait-ci'], priority: 'high', labels: ['news'] },
        ],
      },
    });
  });
  it('goes out as it came in, with the keys that are not ours', () => {
    const formula = read(release);
    expect(formula['phase']).toBe('vapor');
    expect(read(tomlOf(formula))).toEqual(formula);
  });
  it('and JSON say the same', () => {
    const formula = read(release);
    expect(readFormula(JSON.stringify({ ...formula, source: null }), 'json')).toEqual({ ok: true, formula });
  });
  it('every built-in survives export and import', () => {
    for (const formula of builtInFormulas.values()) expect(read(tomlOf(formula))).toEqual(JSON.parse(JSON.stringify(formula)));
  });
});

describe('what is no formula', () => {
  it('is refused with the place of the mistake', () => {
    expect(readFormula('formula = "x"\nsteps = [')).toMatchObject({ ok: false, message: expect.stringContaining('not TOML') });
    expect(readFormula('{', 'json')).toMatchObject({ ok: false, message: expect.stringContaining('not JSON') });
    expect(readFormula('formula = "x"\n[[steps]]\nid = "a"\npriority = 9')).toMatchObject({
      ok: false,
      message: expect.stringContaining('steps[0].priority'),
    });
    expect(readFormula('formula = "x"\ntype = "poem"')).toMatchObject({ ok: false, message: expect.stringContaining('type') });
  });
  it('neither too deep nor too large a text takes anything down', () => {
    expect(readFormula(`x = ${'['.repeat(5000)}`)).toMatchObject({ ok: false });
    expect(readFormula(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 'json')).toMatchObject({ ok: false });
    expect(readFormula('x'.repeat(200_000))).toMatchObject({ ok: false, message: expect.stringContaining('at most') });
    expect(readFormula('__proto__ = 1')).toMatchObject({ ok: false });
  });
});
