// One random request: a route or a tool, a caller with the right or a wrong token, and parameters, query and body by the schema or spoiled.
import { routes } from '../../../functions/contracts/routes.ts';
import type { Route, RouteId } from '../../../functions/contracts/routes.ts';
import { tools } from '../../../functions/contracts/tools.schema.ts';
import type { ToolName } from '../../../functions/contracts/tools.schema.ts';
import { signAgentToken } from '../../../functions/operations/desired.ts';
import { signRunnerToken } from '../../../functions/operations/bootstrap.ts';
import type { Random } from '../../rules/simulation/random.ts';
import { anyJson, brokenJson, spoiled, valueOf } from './values.ts';
import type { Maker } from './values.ts';
import type { World } from './world.ts';

export interface Request {
  readonly id: RouteId;
  readonly tool?: ToolName;
  readonly route: Route;
  /** Whose town it may change; undefined: nobody's. */
  readonly caller: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** As it is sent. */
  readonly body: string | undefined;
}
const isRouteId = (id: string): id is RouteId => id in routes;
const isToolName = (name: string): name is ToolName => name in tools;
const listOf = <T>(items: readonly T[]): readonly [T, ...T[]] => {
  const [first, ...more] = items;
  if (first === undefined) throw new Error('nothing to choose from');
  return [first, ...more];
};
const ids = Object.keys(routes).filter(isRouteId);
const peopleIds = listOf(ids.filter((id) => !['runner', 'mcp'].includes(routes[id].group)));
const runnerIds = listOf(ids.filter((id) => routes[id].group === 'runner'));
const toolNames = listOf(Object.keys(tools).filter(isToolName));
export const subjects: readonly string[] = [...peopleIds, ...runnerIds, ...toolNames];

const personToken = (random: Random): { caller: string; token: string | undefined } => {
  const caller = random.chance(0.92) ? 'ada' : random.pick(['bob', 'eve', 'nobody'] as const);
  return { caller, token: caller === 'nobody' ? random.pick([undefined, 'nonsense-token', 'Basic x']) : `person-${caller}` };
};
const agentToken = async ({ ports, townId }: World, random: Random, tool: ToolName | undefined) => {
  const lease = await ports.store.get('lease', { townId });
  const all = await ports.store.agentsOf(townId);
  const fitting = tool === undefined ? all : all.filter(({ role }) => tools[tool].roles.some((each) => each === role));
  const from = fitting.length > 0 && random.chance(0.93) ? fitting : all;
  if (from.length === 0 || lease === undefined || random.chance(0.02)) return { caller: 'nobody', token: 'person-ada' };
  const agent = random.pick(listOf(from));
  const wrong = random.chance(0.06);
  const epoch = wrong && random.chance(0.5) ? agent.epoch + random.pick([-1, 1]) : agent.epoch;
  const runtimeEpoch = wrong && epoch === agent.epoch ? lease.runtimeEpoch + random.pick([-1, 1]) : lease.runtimeEpoch;
  return { caller: wrong ? 'nobody' : 'ada', token: await signAgentToken(ports, { ...agent, epoch }, { ...lease, runtimeEpoch }) };
};
const runnerToken = async ({ ports, townId }: World, random: Random) => {
  const epoch = (await ports.store.get('lease', { townId }))?.runtimeEpoch ?? 0;
  if (random.chance(0.03)) return { caller: 'nobody', token: 'person-ada' };
  const wrong = random.chance(0.06);
  return { caller: wrong ? 'nobody' : 'ada', token: await signRunnerToken(ports, townId, wrong ? epoch + random.pick([-1, 1]) : epoch) };
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const queryOf = (maker: Maker, schema: Route['query']): Record<string, string> => {
  const value = valueOf(maker, schema);
  return Object.fromEntries(
    Object.entries(typeof value === 'object' && value !== null ? value : {}).map(([name, each]) => [name, textOf(each)]),
  );
};
/** `{beadId}` of a path is a convoy, an escalation, a request where the route is about those. */
const kindsOfId: readonly (readonly [RegExp, string])[] = [
  [/convoy/i, 'convoyId'],
  [/escalation/i, 'escalationId'],
  [/molecule/i, 'moleculeId'],
  [/merge|diff/i, 'requestId'],
];
const paramsOf = (maker: Maker, id: RouteId, route: Route): Record<string, string> => {
  const fieldOf = (name: string): string => {
    if (name === 'name') return 'formula';
    const kind = name === 'beadId' && maker.random.chance(0.8) ? kindsOfId.find(([routeName]) => routeName.test(id))?.[1] : undefined;
    return kind ?? name;
  };
  return Object.fromEntries(
    Object.entries(route.params.shape).map(([name, schema]): [string, string] => [name, textOf(valueOf(maker, schema, fieldOf(name)))]),
  );
};

/** Numbers of a report must fit or it is refused at its first field: a good one with parts made up. */
const fittingReport = async ({ ports, townId }: World, maker: Maker, body: unknown): Promise<unknown> => {
  const lease = await ports.store.get('lease', { townId });
  const agents = new Map((await ports.store.agentsOf(townId)).map(({ agentId, epoch }) => [agentId, epoch]));
  const withEpoch = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'agentId' in value && maker.random.chance(0.8)
      ? { ...value, epoch: agents.get(String(value.agentId)) ?? 1 }
      : value;
  if (typeof body !== 'object' || body === null) return body;
  const fields = Object.entries(body).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? value.map(withEpoch) : value,
  ]);
  return {
    ...Object.fromEntries(fields),
    ...('runtimeEpoch' in body ? { runtimeEpoch: lease?.runtimeEpoch ?? 0 } : {}),
    ...('reportSeq' in body ? { reportSeq: (lease?.reportSeq ?? 0) + maker.random.between(0, 2) } : {}),
    ...('epoch' in body && 'agentId' in body ? { epoch: agents.get(String(body.agentId)) ?? 1 } : {}),
  };
};
const jsonLineOf = (maker: Maker): string =>
  maker.random.chance(0.2)
    ? brokenJson(maker, '{"id":"web-1"}')
    : JSON.stringify({
        id: maker.random.pick(listOf(['bd-1', 'bd-2', 'x', '', ...maker.pool.candidates('beadId', undefined)])),
        title: maker.random.pick(['A', '', 'half \ud800', 'a'.repeat(600)]),
        status: maker.random.pick(['open', 'closed', 'in_progress', 'deferred', 7]),
        issue_type: maker.random.pick(['task', 'epic', 'bug', '']),
        priority: maker.random.pick([0, 1, 2, 9, null]),
        ...(maker.random.chance(0.3) ? { dependencies: [{ issue_id: 'bd-1', depends_on_id: 'bd-2', type: 'blocks' }] } : {}),
        ...(maker.random.chance(0.2) ? { metadata: anyJson(maker) } : {}),
      });

const bodyOf = async (world: World, maker: Maker, { route, tool }: Pick<Request, 'route' | 'tool'>): Promise<string | undefined> => {
  const { random } = maker;
  if (route.body === undefined) return random.chance(0.95) ? undefined : '{"surprise":1}';
  if (route.jsonLines === true) return Array.from({ length: random.between(0, 4) }, () => jsonLineOf(maker)).join('\n');
  const wanted = valueOf(maker, tool === undefined ? route.body : tools[tool].input);
  const fitting = route.auth === 'runner' && random.chance(0.9) ? await fittingReport(world, maker, wanted) : wanted;
  const value = random.chance(0.12) ? spoiled(maker, fitting) : fitting;
  const sent =
    tool === undefined
      ? value
      : { jsonrpc: '2.0', id: random.between(1, 9), method: 'tools/call', params: { name: tool, arguments: value } };
  const envelope = tool !== undefined && random.chance(0.03) ? spoiled(maker, sent) : sent;
  const text = JSON.stringify(envelope) ?? '';
  return random.chance(0.03) ? brokenJson(maker, text) : text;
};

export const aRequest = async (world: World, maker: Maker): Promise<Request> => {
  const { random } = maker;
  const dice = random.next();
  const tool = dice < 0.3 ? random.pick(toolNames) : undefined;
  const id: RouteId = tool !== undefined ? 'mcp' : dice < 0.4 ? random.pick(runnerIds) : random.pick(peopleIds);
  const route: Route = routes[id];
  const { caller, token } =
    route.auth === 'agent'
      ? await agentToken(world, random, tool)
      : route.auth === 'runner'
        ? await runnerToken(world, random)
        : personToken(random);
  const own = route.auth === 'none' ? { caller: 'ada', token: undefined } : { caller, token };
  const query = { ...queryOf(maker, route.query), ...(random.chance(0.02) ? { surprise: '1' } : {}) };
  return {
    id,
    ...(tool === undefined ? {} : { tool }),
    route,
    caller: own.caller,
    params: paramsOf(maker, id, route),
    query,
    headers: {
      ...(own.token === undefined ? {} : { Authorization: `Bearer ${own.token}` }),
      ...(random.chance(0.1) ? { 'If-Match': random.pick(['1', '1', '2', '"3"', '4', 'x']) } : {}),
      ...(random.chance(0.15)
        ? { 'Idempotency-Key': random.chance(0.9) ? `key-${random.between(1, 40)}` : random.pick(['key 4', 'ü']) }
        : {}),
    },
    body: await bodyOf(world, maker, { route, ...(tool === undefined ? {} : { tool }) }),
  };
};
