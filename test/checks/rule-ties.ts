// What docs/rules.md claims: each rule of a town with the tests that hold it. Reads the document and the titles of a test file; finds
// every rule without a test, every test that is not there, and every rule that is missing or listed twice.
import { parseSync } from '@swc/core';

export interface Tie {
  readonly file: string;
  /** Title of a test or describe, outermost first; `…` stands for any text. */
  readonly titles: readonly string[];
}
export interface RuleLine {
  readonly id: string;
  readonly ties: readonly Tie[];
}

/** Rules are items `id` + sentence; their tests are items below, `file › title`. What is listed as not yet there needs no test. */
const ruleItem = /^- `([A-Za-z][\w.]*)` \S/;
const tieItem = /^ {2}- `([^`]+)` › (\S.*)$/;
export const notYet = '## Not yet';

export const rulesIn = (text: string): { readonly rules: readonly RuleLine[]; readonly missing: readonly string[] } => {
  const [held = '', absent = ''] = text.split(`\n${notYet}\n`);
  const rules: { id: string; ties: Tie[] }[] = [];
  for (const line of held.split('\n')) {
    const id = ruleItem.exec(line)?.[1];
    if (id !== undefined) rules.push({ id, ties: [] });
    const [, file, name] = tieItem.exec(line) ?? [];
    if (file !== undefined && name !== undefined) rules.at(-1)?.ties.push({ file, titles: name.split(' › ') });
  }
  return { rules, missing: absent.split('\n').flatMap((line) => ruleItem.exec(line)?.[1] ?? []) };
};

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const nodesOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const expressionOf = (argument: unknown): Node => (isNode(argument) && isNode(argument['expression']) ? argument['expression'] : {});

const textOf = (node: Node): string | undefined => {
  if (node['type'] === 'StringLiteral' && typeof node['value'] === 'string') return node['value'];
  if (node['type'] !== 'TemplateLiteral') return undefined;
  return nodesOf(node['quasis'])
    .map((part) => (isNode(part) && typeof part['cooked'] === 'string' ? part['cooked'] : ''))
    .join('${…}');
};

const bareOf = (node: Node): Node =>
  (node['type'] === 'TsInstantiation' || node['type'] === 'TsAsExpression' || node['type'] === 'TsConstAssertion') &&
  isNode(node['expression'])
    ? bareOf(node['expression'])
    : node;

/** First texts of the rows of `it.each([...])`: each row is a test of its own. */
const rowsOf = (callee: Node): readonly string[] => {
  const table = bareOf(expressionOf(nodesOf(callee['arguments'])[0]));
  return nodesOf(table['elements']).flatMap((element) => {
    const row = bareOf(expressionOf(element));
    const first = row['type'] === 'ArrayExpression' ? bareOf(expressionOf(nodesOf(row['elements'])[0])) : row;
    return textOf(first) ?? [];
  });
};

const testWords = ['it', 'test', 'describe'];
const isTestWord = (callee: unknown): boolean => {
  if (!isNode(callee)) return false;
  if (callee['type'] === 'Identifier') return testWords.includes(String(callee['value']));
  return isTestWord(callee['type'] === 'CallExpression' ? callee['callee'] : (callee['object'] ?? callee['expression']));
};

/** Titles of one call: as written, and with each row of its table. */
const titlesOf = (call: Node): readonly string[] => {
  const title = textOf(expressionOf(nodesOf(call['arguments'])[0]));
  if (title === undefined || !isTestWord(call['callee'])) return [];
  const rows = isNode(call['callee']) && call['callee']['type'] === 'CallExpression' ? rowsOf(call['callee']) : [];
  return [title, ...rows.map((row) => title.replace(/%[sj]/, () => row))];
};

/** Every test and describe of a file with those around it, outermost first. */
export const testsIn = (source: string): readonly (readonly string[])[] => {
  const found: (readonly string[])[] = [];
  const walk = (node: unknown, around: readonly (readonly string[])[]): void => {
    if (!isNode(node)) return;
    const titles = node['type'] === 'CallExpression' ? titlesOf(node) : [];
    const paths = titles.length === 0 ? around : around.flatMap((outer) => titles.map((title) => [...outer, title]));
    if (titles.length > 0) found.push(...paths);
    for (const child of Object.values(node)) walk(child, paths);
  };
  walk(parseSync(source, { syntax: 'typescript' }), [[]]);
  return found;
};

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const matches = (claimed: string, title: string): boolean => new RegExp(`^${claimed.split('…').map(quoted).join('.*')}$`, 's').test(title);

/** The last title is the test's; those before it are around it, in this order. */
const names = (tie: Tie, path: readonly string[]): boolean => {
  const claimed = [...tie.titles];
  const last = claimed.pop() ?? '';
  if (!matches(last, path.at(-1) ?? '')) return false;
  for (const title of path.slice(0, -1)) if (claimed[0] !== undefined && matches(claimed[0], title)) claimed.shift();
  return claimed.length === 0;
};

/** Ids of rules in the kinds of actions, and of invariants. */
export const idsInCode = (actions: string, invariants: string): readonly string[] => {
  const ofActions = [...actions.matchAll(/Act<('[^,]+'), /g)].flatMap((match) => [...(match[1] ?? '').matchAll(/[A-Z]\d+/g)].map(String));
  const numbers = /InvariantNumber = ([\d |]+);/.exec(invariants)?.[1] ?? '';
  return [...new Set([...ofActions, ...numbers.split(' | ').flatMap((number) => (number === '' ? [] : `I${number}`))])].toSorted();
};

export interface Checked {
  readonly text: string;
  /** Ids that must be there. */
  readonly wanted: readonly string[];
  /** Source of a test file; undefined when there is none. */
  readonly sourceOf: (file: string) => string | undefined;
}

export const problemsOf = ({ text, wanted, sourceOf }: Checked): readonly string[] => {
  const { rules, missing } = rulesIn(text);
  const ids = [...rules.map((rule) => rule.id), ...missing];
  const tests = new Map<string, readonly (readonly string[])[] | undefined>();
  const testsOf = (file: string): readonly (readonly string[])[] | undefined => {
    const source = tests.has(file) ? undefined : sourceOf(file);
    if (!tests.has(file)) tests.set(file, source === undefined ? undefined : testsIn(source));
    return tests.get(file);
  };
  const problemOf = (id: string, tie: Tie): readonly string[] => {
    const paths = testsOf(tie.file);
    if (paths === undefined) return [`${id}: there is no file ${tie.file}`];
    return paths.some((path) => names(tie, path)) ? [] : [`${id}: ${tie.file} has no test "${tie.titles.join(' › ')}"`];
  };
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: is listed twice`),
    ...wanted.filter((id) => !rules.some((rule) => rule.id === id)).map((id) => `${id}: is a rule of the code and not in the document`),
    ...rules.flatMap(({ id, ties }) => (ties.length === 0 ? [`${id}: names no test`] : ties.flatMap((tie) => problemOf(id, tie)))),
  ];
};
