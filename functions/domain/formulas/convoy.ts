// Convoy formulas: legs that are worked side by side, and a synthesis that waits for them. Pure.
import type { Formula } from '../../contracts/formula.schema.ts';
import { fill } from './fill.ts';
import type { Scope } from './fill.ts';
import type { DraftStep } from './graph.ts';
import { filler, unfold } from './unfold.ts';
import type { Kitchen } from './unfold.ts';

export const synthesisId = 'synthesis';

const outputLocals = (formula: Formula, scope: Scope): [string, string][] => {
  const directory = fill(formula.output?.directory ?? '', scope).text;
  const synthesis = fill(formula.output?.synthesis ?? '', scope).text;
  return directory === ''
    ? []
    : [
        ['output.directory', directory],
        ['output.synthesis', synthesis],
      ];
};

/** The legs with the base prompt around each, and the synthesis. Legs may also need each other. */
export const legsOf = (kitchen: Kitchen, scope: Scope, formula: Formula): DraftStep[] => {
  const output = outputLocals(formula, scope);
  const legs = (formula.legs ?? []).flatMap((leg) => {
    const own = new Map<string, string>([
      ...scope.locals,
      ...output,
      ['leg.id', leg.id],
      ['leg.title', leg.title ?? leg.id],
      ['leg.focus', leg.focus ?? ''],
    ]);
    const base: Scope = { variables: scope.variables, locals: own };
    const fillText = filler(kitchen, base, leg.id);
    const described = [leg.focus === undefined ? '' : `Focus: ${leg.focus}`, fillText(leg.description)].filter((part) => part !== '');
    own.set('leg.description', fillText(leg.description));
    const pattern = formula.output?.leg_pattern;
    const directory = own.get('output.directory');
    if (directory !== undefined && pattern !== undefined) own.set('output_path', `${directory}/${fill(pattern, base).text}`);
    const prompt = formula.prompts?.base;
    const description = prompt === undefined ? described.join('\n\n') : fillText(prompt);
    const { description: _written, focus: _focus, ...rest } = leg;
    const place = { scope: base, idOf: (id: string) => id, depth: 0 };
    return unfold(kitchen, place, [{ ...rest, title: leg.title ?? leg.id }]).map((step) => ({ ...step, description }));
  });
  if (formula.synthesis === undefined) return legs;
  const { title, description, depends_on: on, kind } = formula.synthesis;
  const place = {
    scope: { variables: scope.variables, locals: new Map([...scope.locals, ...output]) },
    idOf: (id: string) => id,
    depth: 0,
  };
  return [
    ...legs,
    ...unfold(kitchen, place, [
      {
        id: synthesisId,
        title: title ?? 'Synthesis',
        description,
        needs: on ?? legs.map((leg) => leg.stepId),
        ...(kind === undefined ? {} : { kind }),
      },
    ]),
  ];
};
