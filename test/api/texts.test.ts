// Texts that come in, over the API and through tools: what no request may hold, found in every field of every schema.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { routes } from '../../functions/contracts/routes.ts';
import type { Route } from '../../functions/contracts/routes.ts';
import { limits } from '../../functions/contracts/primitives.schema.ts';
import { gitUrlSchema } from '../../functions/contracts/town.schema.ts';
import { tools } from '../../functions/contracts/tools.schema.ts';
import { fakePorts } from '../fakes/ports.ts';
import { bodyOf, client } from './call.ts';

type Path = readonly (string | number)[];
interface Node {
  readonly [keyword: string]: unknown;
}
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

const nthOf = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : undefined);

/** A value that holds `text` at one place of the schema, for each place that takes any text. */
const placed = (node: Node, text: string): { readonly path: Path; readonly value: unknown }[] => {
  const choices = [...nodesIn(node['anyOf']), ...nodesIn(node['oneOf'])];
  if (choices.length > 0) return choices.flatMap((choice) => placed(choice, text));
  if (node['type'] === 'string') return node['enum'] === undefined ? [{ path: [], value: text }] : [];
  if (node['type'] === 'array' && isNode(node['items']))
    return placed(node['items'], text).map(({ path, value }) => ({ path: [0, ...path], value: [value] }));
  if (node['type'] !== 'object' || !isNode(node['properties'])) return [];
  const constants = Object.entries(node['properties']).flatMap(([name, inner]) =>
    isNode(inner) && ('const' in inner || Array.isArray(inner['enum']))
      ? [[name, 'const' in inner ? inner['const'] : nthOf(inner['enum'], 0)] as const]
      : [],
  );
  return Object.entries(node['properties']).flatMap(([name, inner]) =>
    isNode(inner)
      ? placed(inner, text).map(({ path, value }) => ({
          path: [name, ...path],
          value: { ...Object.fromEntries(constants), [name]: value },
        }))
      : [],
  );
};
/** JSON lines are one text here; what each line may hold is told line by line. */
const schemas: { name: string; schema: z.ZodType }[] = [
  ...Object.entries(routes).flatMap(([name, { auth, body, jsonLines }]: [string, Route]) =>
    body === undefined || jsonLines === true || auth === 'runner' || auth === 'agent' ? [] : [{ name, schema: body }],
  ),
  ...Object.entries(tools).map(([name, { input }]) => ({ name, schema: input })),
].filter(({ name }) => name !== 'runnerBootstrap');
const refusedAt = (schema: z.ZodType, path: Path, value: unknown): boolean =>
  schema.safeParse(value).error?.issues.some((issue) => JSON.stringify(issue.path) === JSON.stringify(path)) === true;

const placesIn = (schema: z.ZodType, text: string) =>
  placed(z.record(z.string(), z.unknown()).parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })), text);

it('knows the texts of every request', () => {
  const paths = schemas.flatMap(({ name, schema }) => placesIn(schema, 'a').map(({ path }) => [name, ...path].join('.')));
  expect(paths).toEqual(
    expect.arrayContaining([
      'createTown.name',
      'updateConfig.models.mayor.model',
      'createRig.gates.0.command',
      'sling.labels.0',
      'gt_mail_send.to',
    ]),
  );
});

describe.each(schemas)('$name', ({ schema }) => {
  it.each(['a\u0000b', 'a\ud800b', '\udc00'])('refuses %j in each of its texts', (text) => {
    expect(placesIn(schema, text).filter(({ path, value }) => !refusedAt(schema, path, value))).toEqual([]);
  });
});

const scene = async () => {
  const ports = fakePorts();
  const call = client(ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as: 'ada', body: { name: 'Harbour' } }));
  const rig = bodyOf(
    'createRig',
    await call('createRig', { as: 'ada', params: { townId }, body: { name: 'web', gitUrl: 'https://git.example.com/web.git' } }),
  );
  const create = (more: object) => call('createBead', { as: 'ada', params: { townId }, body: { rigId: rig.rigId, title: 'x', ...more } });
  return { call, townId, rigId: rig.rigId, create };
};

it('refuses control characters in names, labels and gate names, and takes line breaks in instructions and commands', async () => {
  const { call, townId, rigId, create } = await scene();
  const update = (body: object) => call('updateRig', { as: 'ada', params: { townId, rigId }, body });
  for (const line of ['a\nb', 'a\tb', 'a\u001b[31mb', 'a\u2028b', 'a\u0085b']) {
    expect((await create({ labels: [line] })).status).toBe(400);
    expect((await create({ issueType: line })).status).toBe(400);
    expect((await update({ name: line })).status).toBe(400);
    expect((await update({ gates: [{ name: line, command: 'npm test' }] })).status).toBe(400);
    expect((await call('createTown', { as: 'ada', body: { name: line } })).status).toBe(400);
  }
  bodyOf('updateRig', await update({ gates: [{ name: 'test', command: 'npm ci\n\tnpm test' }] }));
  const instruct = (polecat: string) => call('updateConfig', { as: 'ada', params: { townId }, body: { 'instructions.polecat': polecat } });
  expect((await instruct('Run the tests.\n\tThen push.')).status).toBe(200);
  expect(await instruct('Run \u001b[1mthe\u001b[0m tests.')).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'body.instructions.polecat', message: expect.stringContaining('only line breaks and tabs') }] },
  });
});

it('takes a body and a question that were copied from a terminal as they are', async () => {
  const { call, townId, create } = await scene();
  const text = 'It prints:\r\n\u001b[31mFAIL\u001b[0m a\tb\u0007 💥';
  expect(bodyOf('createBead', await create({ body: text })).body).toBe(text);
  expect(bodyOf('sayToMayor', await call('sayToMayor', { as: 'ada', params: { townId }, body: { text } })).text).toBe(text);
});

it('takes metadata up to its limits and says which one was passed', async () => {
  const { create } = await scene();
  const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
  const good = [{ a: nested(limits.metadataDepth) }, { a: { '': 1 } }, { a: 1e308 }, { a: 1e-140 }];
  for (const metadata of good) expect(bodyOf('createBead', await create({ metadata })).metadata).toEqual(metadata);
  const refused: [unknown, string][] = [
    [{ a: nested(limits.metadataDepth + 1) }, '32 levels deep at most'],
    [{ a: 'x'.repeat(limits.metadataBytes) }, 'limited to 16 KB'],
    [{ 'a\u0001b': 1 }, 'a key is one line'],
    [{ a: { 'b\ud800': 1 } }, 'without NUL'],
    [{ a: [{ b: 'c\u0000' }] }, 'without NUL'],
    [{ 'gt:a': 1 }, 'reserved'],
  ];
  for (const [metadata, why] of refused)
    expect(await create({ metadata })).toMatchObject({ status: 400, body: { detail: expect.stringContaining(why) } });
});

it('refuses metadata of a tool that is nested too deeply in its JSON text', () => {
  const call = (metadata: string) => tools.gt_sling.input.safeParse({ rig_id: 'r-8d2k1m0p', title: 'x', body: '', metadata });
  expect(call('{"a":[[1]]}').success).toBe(true);
  expect(call(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`).error?.issues).toMatchObject([
    { path: ['metadata'], message: expect.stringContaining('32 levels deep') },
  ]);
});

it('refuses NUL and other control characters in a git address or path', () => {
  for (const url of ['/srv/a\u0000.git', 'https://git.example.com/a\u0000.git', '/srv/a\u0001', 'git@example.com:a\ud800'])
    expect(gitUrlSchema.safeParse(url).success).toBe(false);
});

it.each(['http://ada:secret@models.example.com/v1', 'https://ada@models.example.com'])(
  'refuses the model address %s and says where the key goes',
  async (baseUrl) => {
    const { call, townId } = await scene();
    const body = { 'models.default': { kind: 'openai-compatible', baseUrl, model: 'm' } };
    expect(await call('updateConfig', { as: 'ada', params: { townId }, body })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body.models.default.baseUrl', message: expect.stringContaining('give the key as apiKey') }] },
    });
  },
);

it('takes no git address with a query, a fragment or a host that begins with a dash', () => {
  const refused = (url: string): string | undefined => gitUrlSchema.safeParse(url).error?.issues[0]?.message;
  for (const url of ['https://git.example.com/a.git?token=abc', 'https://git.example.com/a.git#main'])
    expect(refused(url)).toContain('leave out');
  for (const url of ['ssh://-oProxyCommand=x/a', 'ssh://git@-oProxyCommand=x/a', 'git@-oProxyCommand:a', 'https://-x/a'])
    expect(refused(url)).toContain('host begins');
  for (const url of ['https://git.example.com/a.git', 'ssh://git@git.example.com:22/a', 'git@git.example.com:a/b.git', '/srv/a#b.git'])
    expect(refused(url)).toBeUndefined();
});
