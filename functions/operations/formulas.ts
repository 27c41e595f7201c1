// Formulas of a town: stored, read with what they name, cooked. The built-in ones are always there; a town's own of the same name comes first.
import type { z } from 'zod';
import { formulaSchema } from '../contracts/formula.schema.ts';
import type { Formula, TownFormula } from '../contracts/formula.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { routes } from '../contracts/routes.ts';
import type { FormulaSummary } from '../contracts/routes/formulas.ts';
import { builtInFormulas } from '../domain/formulas/built-in/built-in.ts';
import { cook } from '../domain/formulas/cook.ts';
import type { Checklist, Subject } from '../domain/formulas/cook.ts';
import { askedVariables, lastingProblems } from '../domain/formulas/inspect.ts';
import { problemSentence } from '../domain/formulas/problem.ts';
import { referencesOf } from '../domain/formulas/references.ts';
import { newEvent } from '../domain/new-bead.ts';
import { readFormula, tomlOf } from '../adapters/toml/formula-text.ts';
import type { FormulaFormat } from '../adapters/toml/formula-text.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict, notFound, unprocessable } from '../api/problems.ts';
import { checkVersion } from '../api/serve.ts';
import { isoNow, transact } from './transact.ts';

export type FormulaView = z.infer<(typeof routes.getFormula)['response']>;
const formulasPerTown = 200;
const pageItems = 50;
/** Formulas that one formula may name, directly and through others. */
const mostReferences = 40;

/** The document of a stored formula. */
export const documentOf = (stored: { readonly document: string }): Formula => formulaSchema.parse(JSON.parse(stored.document));

/** The formula of a text. Throws 422 with the place of the mistake. */
export const formulaFrom = (text: string, format: FormulaFormat): Formula => {
  const read = readFormula(text, format);
  if (read.ok) return read.formula;
  throw unprocessable(`This is no formula: ${read.message}`, [{ path: 'body.text', message: read.message }]);
};

/** A formula that the town can use. Throws 404. */
export const formulaOf = async (ports: Pick<Ports, 'store'>, townId: string, name: string): Promise<Formula> => {
  const stored = await ports.store.get('formula', { townId, name });
  const formula = stored === undefined ? builtInFormulas.get(name) : documentOf(stored);
  if (formula === undefined) throw notFound(`There is no formula ${name} in this town; list the formulas to see their names.`);
  return formula;
};

/** Everything that the formula names, found by name in the town or among the built-in ones. */
export const libraryFor = async (ports: Pick<Ports, 'store'>, townId: string, formula: Formula): Promise<Map<string, Formula>> => {
  const library = new Map(builtInFormulas);
  library.set(formula.formula, formula);
  const seen = new Set([formula.formula]);
  for (let names = referencesOf(formula); names.length > 0 && seen.size <= mostReferences;) {
    const wanted = names.filter((name) => !seen.has(name));
    for (const name of wanted) seen.add(name);
    const own = await ports.store.getMany(
      'formula',
      wanted.map((name) => ({ townId, name })),
    );
    for (const stored of own) if (stored !== undefined) library.set(stored.name, documentOf(stored));
    names = wanted.flatMap((name) => {
      const known = library.get(name);
      return known === undefined ? [] : referencesOf(known);
    });
  }
  return library;
};

export interface CookRequest {
  readonly townId: string;
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly subject: Subject;
  /** What the town knows beside the subject: issue, rig. */
  readonly known?: Readonly<Record<string, string>>;
}
/** The checklist. Throws 404 for an unknown formula, 422 with every problem, each with its step. */
export const cookNamed = async (ports: Pick<Ports, 'store'>, request: CookRequest): Promise<Checklist> => {
  const { townId, name, variables, subject } = request;
  const formula = await formulaOf(ports, townId, name);
  const known = { title: subject.title, description: subject.description, issue: '', rig: '', formula_name: name, ...request.known };
  const cooked = cook(formula, await libraryFor(ports, townId, formula), { values: variables, known }, subject);
  if (cooked.ok) return cooked.checklist;
  throw unprocessable(
    `The formula ${name} cannot be cooked: ${cooked.problems.map(problemSentence).join('; ')}.`.slice(0, 8000),
    cooked.problems.slice(0, 50).map(({ step, message }) => ({ path: step === undefined ? name : `${name}.${step}`, message })),
  );
};

const summaryOf = (formula: Formula, stored?: TownFormula): FormulaSummary => ({
  name: formula.formula,
  kind: formula.type,
  description: formula.description?.trim() ?? '',
  source: stored === undefined ? 'built-in' : 'town',
  ...(stored === undefined
    ? {}
    : {
        version: stored.version,
        updatedAt: stored.updatedAt,
        ...(stored.installedVersion === undefined ? {} : { installedVersion: stored.installedVersion }),
      }),
});
const viewOf = async (ports: Pick<Ports, 'store'>, townId: string, formula: Formula, stored?: TownFormula): Promise<FormulaView> => {
  const library = await libraryFor(ports, townId, formula);
  return {
    ...summaryOf(formula, stored),
    toml: tomlOf(formula),
    variables: askedVariables(formula, library),
    problems: [...lastingProblems(formula, library)],
  };
};

/** One formula. Throws 404. */
export const formulaView = async (ports: Pick<Ports, 'store'>, townId: string, name: string): Promise<FormulaView> => {
  const stored = await ports.store.get('formula', { townId, name });
  return viewOf(ports, townId, stored === undefined ? await formulaOf(ports, townId, name) : documentOf(stored), stored);
};

const ownFormulas = async (ports: Pick<Ports, 'store'>, townId: string): Promise<TownFormula[]> => {
  const all: TownFormula[] = [];
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await ports.store.formulasOf(townId, { limit: pageItems, cursor });
    all.push(...page.items);
    cursor = page.cursor;
  }
  return all;
};

/** The town's own and the built-in ones, by name. */
export const formulaSummaries = async (ports: Pick<Ports, 'store'>, townId: string): Promise<FormulaSummary[]> => {
  const own = await ownFormulas(ports, townId);
  const summaries = new Map([...builtInFormulas.values()].map((formula) => [formula.formula, summaryOf(formula)]));
  for (const stored of own) summaries.set(stored.name, summaryOf(documentOf(stored), stored));
  return [...summaries.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
};

interface Act {
  readonly townId: string;
  readonly actor: Principal;
}
const changed = (ports: Ports, { townId, actor }: Act, data: Readonly<Record<string, string>>): Write => ({
  put: 'event',
  item: newEvent({ townId, eventId: ports.ids.ulid(), type: 'config_changed', actor, at: isoNow(ports) }, { data: { ...data } }),
  when: 'none',
});
const storedFrom = (ports: Ports, act: Act, formula: Formula, before?: TownFormula): TownFormula => ({
  townId: act.townId,
  name: formula.formula,
  kind: formula.type,
  description: formula.description?.trim() ?? '',
  document: JSON.stringify(formula),
  version: (before?.version ?? 0) + 1,
  createdAt: before?.createdAt ?? isoNow(ports),
  updatedAt: isoNow(ports),
  createdBy: before?.createdBy ?? act.actor,
});
/** Puts a formula under the condition that nobody changed it meanwhile. */
export const storeFormula = async (
  ports: Ports,
  act: Act,
  formula: Formula,
  more: { readonly before?: TownFormula | undefined; readonly installedVersion?: number },
): Promise<{ readonly writes: Write[]; readonly result: FormulaView }> => {
  const { before, installedVersion } = more;
  const item = { ...storedFrom(ports, act, formula, before), ...(installedVersion === undefined ? {} : { installedVersion }) };
  return {
    writes: [
      { put: 'formula', item, when: before === undefined ? { absent: true } : { equals: { version: before.version } } },
      changed(ports, act, { formula: formula.formula, did: before === undefined ? 'stored' : 'replaced' }),
    ],
    result: await viewOf(ports, act.townId, formula, item),
  };
};

/** Stores a new formula. Throws 409 when the town has one of this name, 422 for a text that is none or when the town has too many. */
export const createFormula = async (
  ports: Ports,
  request: Act & { readonly text: string; readonly format: FormulaFormat },
): Promise<FormulaView> => {
  const formula = formulaFrom(request.text, request.format);
  if ((await ownFormulas(ports, request.townId)).length >= formulasPerTown)
    throw unprocessable(`A town has at most ${formulasPerTown} formulas of its own; remove one first.`);
  return transact(ports, 'The formula', async () => {
    if ((await ports.store.get('formula', { townId: request.townId, name: formula.formula })) !== undefined)
      throw conflict(`There is a formula ${formula.formula} in this town; replace it with PUT, or give another name in the field formula.`);
    return storeFormula(ports, request, formula, {});
  });
};

/** Replaces a stored formula. Throws 404, 409 for another version, 422 when the text names another formula. */
export const replaceFormula = (
  ports: Ports,
  request: Act & { readonly name: string; readonly text: string; readonly format: FormulaFormat; readonly ifMatch?: number | undefined },
): Promise<FormulaView> =>
  transact(ports, 'The formula', async () => {
    const { townId, name } = request;
    const formula = formulaFrom(request.text, request.format);
    if (formula.formula !== name)
      throw unprocessable(`The text is the formula ${formula.formula}, the address is ${name}.`, [
        { path: 'body.text', message: 'another name' },
      ]);
    const before = await ports.store.get('formula', { townId, name });
    if (before === undefined) throw notFound(`The town has no formula ${name} of its own; store it first.`);
    checkVersion(request.ifMatch, before.version);
    return storeFormula(ports, request, formula, { before });
  });

/** Removes a stored formula. Throws 404; a built-in one cannot be removed. */
export const deleteFormula = (ports: Ports, request: Act & { readonly name: string }): Promise<{ ok: true }> =>
  transact(ports, 'The formula', async () => {
    const { townId, name } = request;
    const before = await ports.store.get('formula', { townId, name });
    if (before === undefined)
      throw notFound(
        builtInFormulas.has(name) ? `${name} is built in; only formulas of the town can be removed.` : `There is no formula ${name}.`,
      );
    return {
      writes: [
        { remove: 'formula', key: { townId, name }, when: { equals: { version: before.version } } },
        changed(ports, request, { formula: name, did: 'removed' }),
      ],
      result: { ok: true },
    };
  });
