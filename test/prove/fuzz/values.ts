// Values for a schema from a seed: mostly good ones with ids that exist, some at the boundaries, some odd; and ways to spoil them.
import { z } from 'zod';
import type { Random } from '../../rules/simulation/random.ts';

/** What texts are made of: ids and names of the world, by the name of the field and the pattern that they must fit. */
export interface Pool {
  candidates(field: string, pattern: string | undefined): readonly string[];
}
interface Node {
  readonly [keyword: string]: unknown;
}
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
const numberIn = (node: Node, keyword: string): number | undefined => (typeof node[keyword] === 'number' ? node[keyword] : undefined);
const propertiesOf = (node: Node | undefined): Node => (isNode(node?.['properties']) ? node['properties'] : {});
const isEmpty = (node: Node): boolean => Object.keys(node).every((keyword) => keyword === '$schema' || keyword === 'description');

/** What is preprocessed or coerced says nothing about its input; what comes out of it does. */
const merged = (input: Node, output: Node | undefined): Node => {
  if (output === undefined) return input;
  if (isEmpty(input)) return output;
  const outer = propertiesOf(output);
  const inner = Object.entries(propertiesOf(input)).map(([name, node]): [string, unknown] => {
    const other = outer[name];
    return [name, isNode(node) && isNode(other) ? merged(node, other) : node];
  });
  const choices = (['anyOf', 'oneOf'] as const).flatMap((keyword) => {
    const [own, others] = [nodesIn(input[keyword]), nodesIn(output[keyword])];
    return own.length > 0 && own.length === others.length ? [[keyword, own.map((node, index) => merged(node, others[index]))]] : [];
  });
  const { items } = input;
  const otherItems = output['items'];
  return {
    ...input,
    ...Object.fromEntries(choices),
    ...(inner.length === 0 ? {} : { properties: Object.fromEntries(inner) }),
    ...(isNode(items) && isNode(otherItems) ? { items: merged(items, otherItems) } : {}),
  };
};
const compiled = new WeakMap<z.ZodType, Node>();
const nodeOf = (schema: z.ZodType): Node => {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const [input, output] = (['input', 'output'] as const).map((io): unknown => z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  const node = isNode(input) ? merged(input, isNode(output) ? output : undefined) : {};
  compiled.set(schema, node);
  return node;
};

const oddTexts = [
  '',
  ' ',
  'x',
  'a title',
  'zwei\nZeilen',
  '\u0000',
  'half \ud800',
  '\udc00',
  '💥'.repeat(20),
  '../..',
  '__proto__',
  'constructor',
  '%2e%2e%2f',
  '$ref',
  '{{x}}',
  '{}',
  '[]',
  'null',
  '-1',
  '1e400',
  '2026-11-21',
  '20261121',
  '2026-02-30T00:00:00.000Z',
  'a'.repeat(501),
  '\u202e',
  "'; drop table towns; --",
  'role:mayor',
  'queue:polecat',
  'user:ada',
  'open',
  'https://git.example.com/a.git',
  '/srv/a.git',
  'main',
] as const;

export interface Maker {
  readonly random: Random;
  readonly pool: Pool;
}
const textFor = ({ random, pool }: Maker, node: Node, field: string): string => {
  const pattern = typeof node['pattern'] === 'string' ? node['pattern'] : undefined;
  const [first, ...more] = pool.candidates(field, pattern);
  if (first !== undefined && random.chance(pattern === undefined ? 0.9 : 0.995)) return random.pick([first, ...more]);
  const max = numberIn(node, 'maxLength') ?? 2000;
  if (random.chance(0.06)) return 'a'.repeat(Math.min(max, 200_000) + random.between(0, 1));
  return pattern === undefined && random.chance(0.5) ? `Text ${random.between(1, 99)}` : random.pick(oddTexts);
};
const numberFor = ({ random }: Maker, node: Node): number => {
  const least = numberIn(node, 'minimum') ?? numberIn(node, 'exclusiveMinimum') ?? 0;
  const most = numberIn(node, 'maximum') ?? 1000;
  if (random.chance(0.85)) return random.between(Math.ceil(Math.max(least, -5)), Math.floor(Math.min(most, Math.max(least, 0) + 20)));
  return random.pick([least, most, least - 1, most + 1, 0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER, 0.1]);
};
export const anyJson = ({ random }: Maker, depth = 2): unknown => {
  const leaf = (): unknown => random.pick([null, true, false, 0, -1, 1e300, 'x', 'half \ud800', '']);
  if (depth === 0 || random.chance(0.4)) return leaf();
  const inner = Array.from({ length: random.between(0, 3) }, () => anyJson({ random, pool: noPool }, depth - 1));
  return random.chance(0.5) ? inner : Object.fromEntries(inner.map((value, index) => [random.pick(['a', 'gt:x', '', 'é']) + index, value]));
};
const noPool: Pool = { candidates: () => [] };

const objectFor = (maker: Maker, node: Node): unknown => {
  const { random } = maker;
  const required = Array.isArray(node['required']) ? node['required'] : [];
  const properties = Object.entries(propertiesOf(node));
  if (properties.length === 0) {
    if (node['additionalProperties'] === false) return {};
    const inner = isNode(node['additionalProperties']) ? node['additionalProperties'] : {};
    return Object.fromEntries(
      Array.from({ length: random.between(0, 2) }, (_, index) => [
        random.pick(['a', 'name', 'gt:reserved', 'web-ab12']) + String(index),
        made(maker, inner, 'name'),
      ]),
    );
  }
  // Few fields at once: what many optional fields say together is mostly refused at the first.
  const share = random.pick([0, 0.1, 0.3, 0.8]);
  return Object.fromEntries(
    properties.flatMap(([name, inner]) =>
      isNode(inner) && (required.includes(name) || random.chance(share)) ? [[name, made(maker, inner, name)]] : [],
    ),
  );
};
const made = (maker: Maker, node: Node, field: string): unknown => {
  const { random } = maker;
  const [choice, ...others] = [...nodesIn(node['anyOf']), ...nodesIn(node['oneOf'])];
  if (choice !== undefined) return made(maker, random.pick([choice, ...others]), field);
  if ('const' in node) return node['const'];
  const [value, ...values] = Array.isArray(node['enum']) ? node['enum'] : [];
  if (value !== undefined) return random.pick([value, ...values]);
  switch (node['type']) {
    case 'object':
      return objectFor(maker, node);
    case 'array': {
      const least = numberIn(node, 'minItems') ?? 0;
      const most = Math.min(numberIn(node, 'maxItems') ?? 8, 8);
      const items = isNode(node['items']) ? node['items'] : {};
      return Array.from({ length: Math.max(least, random.between(0, Math.max(least, Math.min(most, 3)))) }, () =>
        made(maker, items, field),
      );
    }
    case 'string':
      return textFor(maker, node, field);
    case 'integer':
    case 'number':
      return numberFor(maker, node);
    case 'boolean':
      return random.chance(0.5);
    default:
      return anyJson(maker);
  }
};
/** A value of roughly the schema's shape. */
export const valueOf = (maker: Maker, schema: z.ZodType, field = ''): unknown => made(maker, nodeOf(schema), field);

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
const spoilers: readonly [() => unknown, ...(() => unknown)[]] = [
  () => null,
  () => true,
  () => -1,
  () => 1e308,
  () => '',
  () => [],
  () => ({}),
  () => 'nul \u0000 in it',
  () => 'half \ud800',
  () => 'a'.repeat(150_000),
  () => deep(40),
  () => deep(60),
  () => Array.from({ length: 2000 }, () => 'web-ab12'),
  () => ({ $gt: '' }),
  () => '2',
];
type Place = readonly [Record<string, unknown>, string];
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const placesIn = (value: unknown, found: Place[] = []): Place[] => {
  if (!isRecord(value)) return found;
  for (const name of Object.keys(value).slice(0, 20)) {
    found.push([value, name]);
    if (found.length < 200) placesIn(value[name], found);
  }
  return found;
};
/** The value with one thing wrong: another type, a field too many or too few, something huge or deep. */
export const spoiled = ({ random }: Maker, value: unknown): unknown => {
  const copy: unknown = structuredClone(value);
  const [place, ...places] = placesIn(copy);
  if (place === undefined || random.chance(0.1)) return random.pick(spoilers)();
  const [holder, name] = random.pick([place, ...places]);
  const act = Array.isArray(holder) ? 0 : random.between(0, 5);
  if (act === 1) holder[random.pick(['surprise', 'townId', 'ownerId', 'version', 'toString'])] = 't-other123';
  else if (act === 2) delete holder[name];
  else holder[name] = random.pick(spoilers)();
  return copy;
};
/** A text that is no JSON, or hardly. */
export const brokenJson = ({ random }: Maker, good: string): string =>
  random.pick([
    good.slice(0, random.between(0, good.length)),
    `${good}}`,
    '\ufeff{}',
    '{"__proto__":{"ownerId":"ada"}}',
    '{"a":1e999}',
    '{"a":\u0000}',
    '"\\ud800"',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    '{"title":"a","title":"b"}',
    'null',
    '0',
    good.replace('{', '{"__proto__":{"isAdmin":true},'),
  ]);
