// "A formula is cooked into a checklist": what each part of a formula becomes, and that every mistake names its step.
import { describe, expect, it } from 'vitest';
import { formulaSchema } from '../../contracts/formula.schema.ts';
import type { FormulaDocument } from './built-in/document.ts';
import { builtInFormulas } from './built-in/built-in.ts';
import { cook } from './cook.ts';
import { problemSentence } from './problem.ts';

const subject = { title: 'Add a badge', description: 'On the start page.' };
const formulaOf = (more: Partial<FormulaDocument>) => formulaSchema.parse({ formula: 'mine', version: 1, type: 'workflow', ...more });
const libraryOf = (...documents: Partial<FormulaDocument>[]) => {
  const formulas = documents.map(formulaOf);
  return new Map([...builtInFormulas, ...formulas.map((formula) => [formula.formula, formula] as const)]);
};
const cooked = (document: Partial<FormulaDocument>, values: Record<string, string> = {}, others: Partial<FormulaDocument>[] = []) =>
  cook(formulaOf(document), libraryOf(...others), { values, known: { title: subject.title } }, subject);
/** `id <- needs` per step, or the problems as sentences. */
const shape = (...args: Parameters<typeof cooked>): string[] => {
  const result = cooked(...args);
  return result.ok
    ? result.checklist.steps.map(({ stepId, needs, needsAny }) =>
        `${stepId} <- ${[...needs, ...(needsAny ?? []).map((id) => `?${id}`)].join(' ')}`.trim(),
      )
    : result.problems.map(problemSentence);
};
const stepsOf = (...args: Parameters<typeof cooked>) => {
  const result = cooked(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.checklist.steps;
};
const step = (id: string, ...needs: string[]) => ({ id, title: `Do ${id}`, ...(needs.length === 0 ? {} : { needs }) });

describe('variables with required, default, enum and pattern', () => {
  const vars = {
    component: { required: true, description: 'what to build' },
    size: { default: 'small', enum: ['small', 'large'] },
    release: { pattern: '^\\d+\\.\\d+$', default: '1.0' },
    retries: { type: 'int', default: '2' },
  };
  const steps = [{ id: 'build', title: 'Build {{component}} ({{size}}, {{release}}) for {{title}}', description: '{{.component}}' }];
  it('are put into the texts, defaults where nothing is said', () => {
    expect(stepsOf({ vars, steps }, { component: 'search' })).toMatchObject([
      { title: 'Build search (small, 1.0) for Add a badge', description: 'search' },
    ]);
  });
  it('are refused when missing, not allowed, not matching, of another type, or unknown', () => {
    expect(shape({ vars, steps })).toEqual(['the variable component is required: what to build']);
    expect(shape({ vars, steps }, { component: 'x', size: 'huge', release: 'v1', retries: 'many', colour: 'red' })).toEqual([
      'there is no variable colour; mine has component, size, release, retries',
      'the variable size must be one of small, large, not "huge"',
      'the variable release must match ^\\d+\\.\\d+$, not "v1"',
      'the variable retries must be of type int, not "many"',
    ]);
  });
  it('never runs a pattern that could take for ever', () => {
    expect(shape({ vars: { name: { pattern: '^(a+)+$' } }, steps: [step('a')] }, { name: 'a'.repeat(40) })[0]).toContain('checked safely');
    expect(shape({ vars: { name: { pattern: '((a|a)*)*' } }, steps: [step('a')] }, { name: 'a'.repeat(40) })[0]).toContain(
      'checked safely',
    );
  });
  it('replaces nothing inside a value, and chooses between parts of a text', () => {
    const text = { id: 'a', title: 'A', description: '{{if name}}Hello {{name}}{{else}}Hello you{{end}} {other}' };
    expect(stepsOf({ vars: { name: {} }, steps: [text] }, { name: '{{title}}' })[0]?.description).toBe('Hello {{title}} {other}');
    expect(stepsOf({ vars: { name: {} }, steps: [text] })[0]?.description).toBe('Hello you {other}');
  });
});

describe('errors that name the step', () => {
  it('an unresolved variable', () => {
    expect(shape({ steps: [step('a'), { ...step('b'), description: 'see {{nowhere}}' }] })).toEqual([
      'step "b": the variable nowhere has no value',
    ]);
  });
  it('an unknown need', () => {
    expect(shape({ steps: [step('a', 'ghost')] })).toEqual(['step "a": it needs "ghost", and there is no such step']);
  });
  it('a cycle, spelled out', () => {
    expect(shape({ steps: [step('a', 'c'), step('b', 'a'), step('c', 'b')] })).toEqual([
      'step "a": steps need each other in a circle: a → c → b → a',
    ]);
    expect(shape({ steps: [step('a', 'a')] })).toEqual(['step "a": it needs itself']);
  });
  it('a doubled id, a missing title, a condition that is not understood', () => {
    expect(shape({ steps: [step('a'), step('a'), { id: 'b' }, { ...step('c'), condition: 'maybe' }] })).toEqual([
      'step "b": it has no title',
      expect.stringContaining('step "c": the condition maybe is not understood'),
      'step "a": there are two steps with this id',
    ]);
  });
  it('a loop without end, without body, or with two ways to count', () => {
    const loop = (more: object) => ({ steps: [{ id: 'l', loop: { body: [step('x')], ...more } }] });
    expect(shape(loop({ until: 'it works' }))[0]).toBe('step "l": a loop with until needs max, so that it ends');
    expect(shape(loop({ count: 2, range: '1..3' }))[0]).toBe('step "l": a loop has exactly one of count, range and until');
    expect(shape(loop({ count: 2, body: [] }))[0]).toBe('step "l": a loop needs a body of steps');
    expect(shape(loop({ range: '5..1' }))[0]).toContain('step "l": the range 5..1 is no range');
    expect(shape(loop({ count: 100_000 }))[0]).toContain('step "l": a loop has 1 to 300 rounds');
  });
  it('what would have to happen at run time elsewhere', () => {
    expect(shape({ steps: [{ ...step('a'), on_complete: { for_each: 'output.x', bond: 'y' } }] })[0]).toContain(
      'step "a": on_complete is not carried out here',
    );
    expect(shape({ steps: [{ ...step('a'), gate: { type: 'timer' } }] })[0]).toBe(
      'step "a": its timer needs a timeout such as 90s, 30m, 24h or 2d',
    );
    expect(shape({ steps: [{ ...step('a'), gate: { type: 'bead', id: 'No id' } }] })[0]).toContain('"No id" is no id of one');
  });
});

describe('steps', () => {
  it('come in an order in which they can be done, the written one as far as possible', () => {
    expect(shape({ steps: [step('ship', 'test'), step('build'), { ...step('test'), depends_on: ['build'] }] })).toEqual([
      'build <-',
      'test <- build',
      'ship <- test',
    ]);
  });
  it('that a condition leaves out hand their needs on', () => {
    const vars = { deploy: { default: 'false' } };
    const steps = [step('build'), { ...step('stage', 'build'), condition: '{{deploy}}' }, step('done', 'stage')];
    expect(shape({ vars, steps })).toEqual(['build <-', 'done <- build']);
    expect(shape({ vars, steps }, { deploy: 'true' })).toEqual(['build <-', 'stage <- build', 'done <- stage']);
    expect(
      shape({
        vars,
        steps: [
          { ...step('a'), condition: '{{deploy}} == "false"' },
          { ...step('b'), condition: '!{{deploy}}' },
        ],
      }),
    ).toEqual(['a <-', 'b <-']);
  });
  it('that are left out in many layers are looked at once each', () => {
    const layers = Array.from({ length: 60 }, (_, layer) =>
      ['x', 'y'].map((side) => ({
        ...step(`${side}${layer}`, ...(layer === 0 ? ['start'] : [`x${layer - 1}`, `y${layer - 1}`])),
        condition: '{{no}}',
      })),
    ).flat();
    expect(shape({ vars: { no: {} }, steps: [step('start'), ...layers, step('end', 'x59', 'y59')] })).toEqual(['start <-', 'end <- start']);
  });
  it('with children are done after them', () => {
    expect(
      shape({ steps: [step('start'), { ...step('epic', 'start'), children: [step('one'), step('two', 'one')] }, step('end', 'epic')] }),
    ).toEqual(['start <-', 'one <- start', 'two <- one', 'epic <- start two', 'end <- epic']);
  });
  it('wait for all or any children of a step', () => {
    const epic = { ...step('epic'), children: [step('one'), step('two')] };
    expect(shape({ steps: [epic, { ...step('all', 'epic'), waits_for: 'all-children' }] }).at(-1)).toBe('all <- epic one two');
    expect(shape({ steps: [epic, { ...step('any', 'epic'), waits_for: 'any-children' }] }).at(-1)).toBe('any <- ?one ?two');
    expect(shape({ steps: [epic, { ...step('some'), waits_for: 'children-of(epic)' }] }).at(-1)).toBe('some <- one two');
  });
  it('keep gates for a person, a time and a bead', () => {
    const gated = (gate: object) => stepsOf({ steps: [{ ...step('a'), gate: { type: 'human', ...gate } }] })[0]?.gate;
    expect(gated({ id: 'release approval' })).toEqual({ type: 'human', waitsFor: 'release approval' });
    expect(gated({ type: 'timer', timeout: '1h30m' })).toEqual({ type: 'timer', waitsFor: '1h30m', waitMs: 5_400_000 });
    expect(gated({ type: 'bead', id: 'web-3kf9' })).toEqual({ type: 'bead', waitsFor: 'web-3kf9', beadId: 'web-3kf9' });
    expect(gated({ type: 'gh:run', id: 'release' })).toEqual({ type: 'human', waitsFor: 'gh:run release' });
  });
});

describe('loops', () => {
  const body = [step('test'), step('fix', 'test')];
  it('by count, one round after the other', () => {
    expect(shape({ steps: [step('start'), { id: 'l', needs: ['start'], loop: { count: 2, body } }, step('end', 'l')] })).toEqual([
      'start <-',
      'l.iter1.test <- start',
      'l.iter1.fix <- l.iter1.test',
      'l.iter2.test <- l.iter1.fix',
      'l.iter2.fix <- l.iter2.test',
      'end <- l.iter2.fix',
    ]);
  });
  it('by a range that is computed from variables, with the number in the texts', () => {
    const steps = [{ id: 'l', loop: { range: '1..2^{disks}-1', var: 'move', body: [{ id: 'm', title: 'Move {move}' }] } }];
    expect(stepsOf({ vars: { disks: { default: '2' } }, steps }).map(({ title }) => title)).toEqual(['Move 1', 'Move 2', 'Move 3']);
  });
  it('until a condition holds, at most max times', () => {
    const steps = stepsOf({ steps: [{ id: 'l', loop: { until: 'the tests are green', max: 3, body } }] });
    expect(steps).toHaveLength(6);
    expect(steps[3]?.round).toEqual({ loopId: 'l', round: 2, max: 3, until: 'the tests are green' });
  });
  it('inside loops', () => {
    const inner = { id: 'in', loop: { count: 2, body: [step('x')] } };
    expect(shape({ steps: [{ id: 'out', loop: { count: 2, body: [inner] } }, step('end', 'out')] })).toEqual([
      'out.iter1.in.iter1.x <-',
      'out.iter1.in.iter2.x <- out.iter1.in.iter1.x',
      'out.iter2.in.iter1.x <- out.iter1.in.iter2.x',
      'out.iter2.in.iter2.x <- out.iter2.in.iter1.x',
      'end <- out.iter2.in.iter2.x',
    ]);
  });
});

describe('extends and compose', () => {
  it('a child takes over what its parents have and replaces steps of the same id', () => {
    const child = {
      formula: 'child',
      extends: ['shiny'],
      steps: [{ id: 'test', title: 'Test twice', needs: ['review'] }, step('celebrate', 'submit')],
    };
    const steps = stepsOf(child);
    expect(steps.map(({ stepId }) => stepId)).toEqual(['design', 'implement', 'review', 'test', 'submit', 'celebrate']);
    expect(steps[3]?.title).toBe('Test twice');
  });
  it('an unknown parent and a circle of parents are named', () => {
    expect(shape({ extends: ['ghost'] })[0]).toBe('mine extends ghost, and there is no such formula');
    const others = [
      { formula: 'b', extends: ['mine'] },
      { formula: 'mine', extends: ['b'] },
    ];
    expect(shape({ extends: ['b'] }, {}, others)[0]).toBe('formulas extend each other in a circle: mine → b → mine');
  });
  it('expand puts an expansion in the place of a step, inline or by compose, also for a pattern', () => {
    const macro = {
      formula: 'twice',
      type: 'expansion' as const,
      vars: { how: { default: 'well' } },
      template: [
        { id: '{target}.1', title: 'First {target.title} {how}' },
        { id: '{target}.2', title: 'Second', needs: ['{target}.1'] },
      ],
    };
    const steps = [step('a'), step('b', 'a'), step('c', 'b')];
    const expected = ['a <-', 'b.1 <- a', 'b.2 <- b.1', 'c <- b.2'];
    expect(shape({ steps: [step('a'), { id: 'b', title: 'B', needs: ['a'], expand: 'twice' }, step('c', 'b')] }, {}, [macro])).toEqual(
      expected,
    );
    expect(shape({ steps, compose: { expand: [{ target: 'b', with: 'twice' }] } }, {}, [macro])).toEqual(expected);
    expect(stepsOf({ steps, compose: { expand: [{ target: 'b', with: 'twice', vars: { how: 'fast' } }] } }, {}, [macro])[1]?.title).toBe(
      'First Do b fast',
    );
    expect(shape({ steps, compose: { map: [{ select: '*', with: 'twice' }] } }, {}, [macro])).toHaveLength(6);
    expect(shape({ steps, compose: { expand: [{ target: 'z', with: 'twice' }] } }, {}, [macro])[0]).toContain('names the step "z"');
    expect(shape({ steps: [{ id: 'b', expand: 'shiny' }] })[0]).toBe(
      'step "b": it expands with shiny, which is a formula of type workflow, not expansion',
    );
  });
  it('an expansion inside itself ends with an error, not a crash', () => {
    const endless = { formula: 'endless', type: 'expansion' as const, template: [{ id: '{target}.x', title: 'X', expand: 'endless' }] };
    expect(shape({ steps: [{ id: 'a', expand: 'endless' }] }, {}, [endless])[0]).toContain('more than 5 levels');
  });
  it('aspects put steps around a step, and around the whole expansion that stands for it', () => {
    const steps = [step('implement'), step('ship', 'implement')];
    expect(shape({ steps, compose: { aspects: ['security-audit'] } })).toEqual([
      'implement-security-before <-',
      'implement <- implement-security-before',
      'implement-security-after <- implement',
      'ship <- implement-security-after',
    ]);
    expect(shape({ steps, compose: { aspects: ['security-audit'], expand: [{ target: 'implement', with: 'rule-of-five' }] } })).toEqual([
      'implement-security-before <-',
      'implement.draft <- implement-security-before',
      'implement.correct <- implement.draft',
      'implement.clear <- implement.correct',
      'implement.robust <- implement.clear',
      'implement.good <- implement.robust',
      'implement-security-after <- implement.good',
      'ship <- implement-security-after',
    ]);
    expect(shape({ steps, compose: { aspects: ['shiny'] } })[0]).toContain('of type workflow, not aspect');
  });
  it('branch makes a fork and a join; a gate rule waits for a step or for a person', () => {
    const steps = [step('a'), step('b'), step('c'), step('d')];
    expect(shape({ steps, compose: { branch: [{ from: 'a', steps: ['b', 'c'], join: 'd' }] } })).toEqual([
      'a <-',
      'b <- a',
      'c <- a',
      'd <- b c',
    ]);
    expect(shape({ steps: [step('a'), step('b')], compose: { gate: [{ before: 'b', condition: "a.status == 'complete'" }] } })).toEqual([
      'a <-',
      'b <- a',
    ]);
    expect(stepsOf({ steps: [step('a')], compose: { gate: [{ before: 'a', condition: 'budget approved' }] } })[0]?.gate).toEqual({
      type: 'human',
      waitsFor: 'budget approved',
    });
  });
  it('says what it keeps without effect', () => {
    const result = cooked({ steps: [step('a')], compose: { hooks: [{ trigger: 'label:x' }] } });
    expect(result.ok && result.checklist.warnings[0]).toContain('compose.hooks');
  });
});

describe('all four kinds', () => {
  it('a convoy has legs side by side and a synthesis after them', () => {
    const steps = stepsOf(
      {
        type: 'convoy',
        inputs: { problem: { required: true } },
        prompts: { base: '{{.problem}}: {{.leg.focus}} → {{.output_path}}\n{{.leg.description}}' },
        output: { directory: 'designs', leg_pattern: '{{.leg.id}}.md', synthesis: 'all.md' },
        legs: [
          { id: 'api', title: 'API', focus: 'interfaces', description: 'Look.' },
          { id: 'data', title: 'Data', needs: ['api'] },
        ],
        synthesis: {
          title: 'Bring together',
          description: 'Write {{.output.directory}}/{{.output.synthesis}}',
          depends_on: ['api', 'data'],
        },
      },
      { problem: 'Search' },
    );
    expect(steps.map(({ stepId, needs }) => [stepId, needs])).toEqual([
      ['api', []],
      ['data', ['api']],
      ['synthesis', ['api', 'data']],
    ]);
    expect(steps[0]?.description).toBe('Search: interfaces → designs/api.md\nLook.');
    expect(steps[2]?.description).toBe('Write designs/all.md');
  });
  it('an expansion or an aspect by itself acts on the bead', () => {
    const of = (name: string) => {
      const formula = builtInFormulas.get(name);
      return formula === undefined ? undefined : cook(formula, builtInFormulas, { values: {}, known: {} }, subject);
    };
    expect(of('rule-of-five')).toMatchObject({ ok: true, checklist: { steps: [{ title: 'Draft: Add a badge' }, {}, {}, {}, {}] } });
    expect(of('security-audit')).toMatchObject({ ok: true, checklist: { steps: [{}, { stepId: 'implement', title: 'Add a badge' }, {}] } });
  });
});

describe('built-ins', () => {
  it('are shiny, tdd-cycle, rule-of-five, security-audit, code-review, polecat-work and conflict-resolve, and all can be cooked', () => {
    const names = ['shiny', 'tdd-cycle', 'rule-of-five', 'security-audit', 'code-review', 'polecat-work', 'conflict-resolve'];
    expect([...builtInFormulas.keys()]).toEqual(expect.arrayContaining(names));
    for (const formula of builtInFormulas.values()) {
      const values: Record<string, string> = formula.formula === 'code-review' ? { scope: 'src' } : {};
      expect(cook(formula, builtInFormulas, { values, known: { title: 'x' } }, subject)).toMatchObject({ ok: true });
    }
  });
  it('shiny is design → implement → review → test → submit', () => {
    expect(shape({ extends: ['shiny'] })).toEqual([
      'design <-',
      'implement <- design',
      'review <- implement',
      'test <- review',
      'submit <- test',
    ]);
  });
});
