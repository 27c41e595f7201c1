// Properties of cooking, over random formulas of all parts: the same answer again, no circle, every step reachable, a problem never without words.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formulaSchema } from '../../contracts/formula.schema.ts';
import type { Formula } from '../../contracts/formula.schema.ts';
import type { CookedStep } from '../../contracts/molecule.schema.ts';
import { readFormula, tomlOf } from '../../adapters/toml/formula-text.ts';
import { builtInFormulas } from './built-in/built-in.ts';
import type { FormulaDocument } from './built-in/document.ts';
import { cook } from './cook.ts';

type Step = NonNullable<FormulaDocument['steps']>[number];
const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map((value) => value.replaceAll(/[{}]/g, ''));
const title = text.map((value) => `T ${value}`);

/** Needs look back only, so that most formulas can be cooked; some name a step that does not exist or stands later. */
const stepOf = (id: string, index: number, depth: number): fc.Arbitrary<Step> =>
  fc
    .record(
      {
        title,
        description: text,
        acceptance: text,
        needs: fc.uniqueArray(fc.constantFrom(...names.slice(0, Math.max(index, 1)), 'ghost'), { maxLength: 3 }),
        condition: fc.constantFrom('{{flag}}', '!{{flag}}', '{{flag}} == "yes"'),
        optional: fc.boolean(),
        expand: fc.constant('rule-of-five'),
        gate: fc.constantFrom({ type: 'human' }, { type: 'timer', timeout: '5m' }, { type: 'bead', id: 'web-3kf9' }),
        ...(depth > 0
          ? {
              loop: fc.tuple(fc.integer({ min: 1, max: 3 }), stepOf('x', 1, depth - 1)).map(([count, body]) => ({ count, body: [body] })),
              children: fc.tuple(stepOf(`${id}1`, 1, 0), stepOf(`${id}2`, 1, 0)).map((children) => [...children]),
            }
          : {}),
      },
      { requiredKeys: ['title'] },
    )
    .map((step) => ({ id, ...step }));
const anyFormula: fc.Arbitrary<Formula> = fc
  .record({
    count: fc.integer({ min: 1, max: 6 }),
    steps: fc.tuple(...names.map((name, index) => stepOf(name, index, 2))),
    flag: fc.constantFrom('yes', 'no'),
    aspects: fc.constantFrom([], ['security-audit']),
    parents: fc.constantFrom([], ['shiny']),
  })
  .map(({ count, steps, flag, aspects, parents }) =>
    formulaSchema.parse({
      formula: 'random',
      version: 1,
      type: 'workflow',
      vars: { flag: { default: flag } },
      steps: steps.slice(0, count),
      ...(parents.length === 0 ? {} : { extends: parents }),
      compose: { aspects },
    }),
  );
const cooked = (formula: Formula) =>
  cook(formula, builtInFormulas, { values: {}, known: { title: 'Add a badge' } }, { title: 'Add a badge', description: '' });

/** Steps that are reached by doing again and again what is ready. */
const reached = (steps: readonly CookedStep[]): number => {
  const done = new Set<string>();
  for (let before = -1; before < done.size;) {
    before = done.size;
    for (const step of steps) {
      const any = step.needsAny ?? [];
      if (step.needs.every((id) => done.has(id)) && (any.length === 0 || any.some((id) => done.has(id)))) done.add(step.stepId);
    }
  }
  return done.size;
};

describe('every formula', () => {
  it('is cooked to the same checklist again, without circles, with every step reachable, or refused with words', () => {
    let good = 0;
    fc.assert(
      fc.property(anyFormula, (formula) => {
        const result = cooked(formula);
        expect(cooked(structuredClone(formula))).toEqual(result);
        if (!result.ok) {
          expect(result.problems.length).toBeGreaterThan(0);
          for (const { message } of result.problems) expect(message.length).toBeGreaterThan(5);
          return;
        }
        good += 1;
        const { steps } = result.checklist;
        expect(reached(steps)).toBe(steps.length);
        for (const [index, step] of steps.entries())
          for (const need of step.needs) expect(steps.slice(0, index).map(({ stepId }) => stepId)).toContain(need);
      }),
      { numRuns: 300 },
    );
    expect(good).toBeGreaterThan(30);
  });
  it('says the same after it was written as TOML and read again', () => {
    fc.assert(
      fc.property(anyFormula, (formula) => {
        const again = readFormula(tomlOf(formula));
        expect(again).toEqual({ ok: true, formula: JSON.parse(JSON.stringify(formula)) });
        if (again.ok) expect(cooked(again.formula)).toEqual(cooked(formula));
      }),
      { numRuns: 150 },
    );
  });
  it('never brings anything down, whatever is put into it', () => {
    const words = fc.constantFrom(
      '{{',
      '}}',
      '{{if x}}',
      '{{else}}',
      '{{end}}',
      '{target}',
      '1..2^9^9',
      '((((',
      '*',
      'a',
      'rule-of-five',
      'random',
      -1,
      1e9,
      true,
    );
    const junk = fc.oneof(words, fc.jsonValue(), fc.array(words, { maxLength: 4 }));
    /** The value with one random place in it replaced. */
    const broken = (value: unknown, path: readonly number[], by: unknown): unknown => {
      const [turn, ...rest] = path;
      if (typeof value !== 'object' || value === null || turn === undefined) return by;
      const entries = Object.entries(value);
      const chosen = entries[turn % Math.max(entries.length, 1)]?.[0];
      const changed = entries.map(([key, inner]): [string, unknown] => [key, key === chosen ? broken(inner, rest, by) : inner]);
      return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
    };
    let read = 0;
    fc.assert(
      fc.property(anyFormula, fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }), junk, (formula, path, by) => {
        const result = readFormula(JSON.stringify(broken(formula, path, by)), 'json');
        if (!result.ok) {
          expect(result.message.length).toBeGreaterThan(0);
          return;
        }
        read += 1;
        const cookedResult = cook(result.formula, builtInFormulas, { values: {}, known: {} }, { title: 'x', description: '' });
        expect(cookedResult.ok || cookedResult.problems.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(50);
  });
});
