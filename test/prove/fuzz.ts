// Does any request break the town? Requests to every route and tool, made from their schemas and spoiled, against a town that is full of
// things: none fails inside, tells or changes anything of another town, leaves half of what it refused, or brings a pass or an invariant down.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createHandler as createMcp } from '../../functions/api/mcp.handler.ts';
import { createHandler as createRunner } from '../../functions/api/runner.handler.ts';
import type { ApiHandler } from '../../functions/api/serve.ts';
import type { RouteGroup } from '../../functions/contracts/routes.ts';
import { creators, eventOf } from '../api/call.ts';
import { randomOf } from '../rules/simulation/random.ts';
import type { Random } from '../rules/simulation/random.ts';
import { aRequest, subjects } from './fuzz/cases.ts';
import type { Request } from './fuzz/cases.ts';
import { answerProblems, townProblems } from './fuzz/oracle.ts';
import type { Raw } from './fuzz/oracle.ts';
import { filledPool } from './fuzz/pool.ts';
import { aWorld, marker } from './fuzz/world.ts';
import type { World } from './fuzz/world.ts';

const casesPerWorld = 200;
const casesPerLook = 25;
const fullWorlds = 120;
const sampleWorlds = 5;
const lanes = 8;

export interface FuzzFailure {
  /** `npm run prove fuzz -- --first-seed <seed> --seeds 1` is this world again. */
  readonly seed: number;
  readonly index: number;
  readonly problem: string;
  readonly request?: unknown;
}
export interface FuzzResult {
  readonly suite: 'fuzz';
  readonly rounds: number;
  readonly failures: readonly FuzzFailure[];
  readonly details: {
    readonly firstSeed: number;
    readonly worlds: number;
    readonly casesPerSecond: number;
    /** Of the routes and tools: how many there are, and those that never did what was asked. */
    readonly subjects: number;
    readonly neverDone: readonly string[];
  };
}

const handlersOf = ({ ports }: World): ((group: RouteGroup) => ApiHandler) => {
  const made = new Map<RouteGroup, ApiHandler>();
  const create = { ...creators, runner: createRunner, mcp: createMcp };
  return (group) => {
    const handler = made.get(group) ?? create[group](ports);
    made.set(group, handler);
    return handler;
  };
};
const send = async (handler: ApiHandler, { route, params, query, headers, body }: Request): Promise<Raw> => {
  const { statusCode, body: text, headers: answered } = await handler(eventOf(route, { params, query, headers, body }));
  return {
    status: statusCode,
    text,
    isJsonLines: String(answered?.['content-type'] ?? '').match(/^(?:application\/x-ndjson|text\/plain)/) !== null,
  };
};
const injectFaults = (world: World, random: Random): boolean => {
  world.faults.conflicts = random.chance(0.06) ? random.between(1, 2) : 0;
  world.faults.outages = random.chance(0.01) ? 1 : 0;
  return world.faults.outages > 0;
};
const shortened = ({ id, tool, caller, params, query, headers: { Authorization: _token, ...headers }, body }: Request): unknown => ({
  id,
  tool,
  caller,
  params,
  query,
  headers,
  body: body === undefined ? undefined : body.slice(0, 600),
});
const cursorIn = (text: string): string[] => {
  const cursor = /"cursor":"([^"]{1,400})"/.exec(text)?.[1];
  return cursor === undefined ? [] : [cursor];
};

interface WorldLife {
  readonly cases: number;
  readonly failures: readonly FuzzFailure[];
  readonly done: ReadonlySet<string>;
}
/** One world under 200 requests, or until it is removed by one. */
const lifeOf = async (seed: number): Promise<WorldLife> => {
  const world = await aWorld();
  const random = randomOf(seed);
  const handlerOf = handlersOf(world);
  const failures: FuzzFailure[] = [];
  const done = new Set<string>();
  const saidIds = new Set<string>();
  let cursors: string[] = [];
  let pool = await filledPool(world, random, cursors);
  for (let index = 0; index < casesPerWorld; index += 1) {
    if (index % casesPerLook === 0) {
      for (const problem of await townProblems(world, seed * 10 + index / casesPerLook)) failures.push({ seed, index, problem });
      pool = await filledPool(world, random, cursors);
      const town = await world.ports.store.get('town', world);
      if (town === undefined || town.deletedAt !== undefined) return { cases: index, failures, done };
    }
    const request = await aRequest(world, { random, pool });
    world.written.length = 0;
    const sent = JSON.stringify([request.params, request.query, request.body]);
    for (const id of [marker, ...pool.secretIds]) if (sent.includes(id)) saidIds.add(id);
    const before = { saidIds, keptNames: [...world.kept], loggedCount: world.ports.logged.length, outage: injectFaults(world, random) };
    const answer = await send(handlerOf(request.route.group), request);
    world.faults.conflicts = 0;
    world.faults.outages = 0;
    const { secretIds } = pool;
    for (const problem of answerProblems(world, { request, answer, before, secretIds }))
      failures.push({ seed, index, problem, request: shortened(request) });
    if (answer.status < 400 && !answer.text.includes('"isError":true')) done.add(request.tool ?? request.id);
    cursors = [...cursorIn(answer.text), ...cursors].slice(0, 20);
    world.ports.clock.advance(random.between(0, 8000));
  }
  return { cases: casesPerWorld, failures, done };
};

const optionsOf = (args: readonly string[]): { firstSeed: number | undefined; worlds: number | undefined } => {
  const options = { 'first-seed': { type: 'string' }, seeds: { type: 'string' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const count = z.coerce.number().int().positive().optional();
  return { firstSeed: count.parse(values['first-seed']), worlds: count.parse(values.seeds) };
};

/** `--first-seed`: other seeds than the usual ones; `--seeds`: how many worlds. Each world has one of its own. */
export const run = async ({ full, args = [] }: { readonly full: boolean; readonly args?: readonly string[] }): Promise<FuzzResult> => {
  const { firstSeed = 1, worlds = full ? fullWorlds : sampleWorlds } = optionsOf(args);
  const startedMs = performance.now();
  const seeds = Array.from({ length: worlds }, (_, index) => firstSeed + index);
  const lives: WorldLife[] = [];
  // Several at once, because one that meets a conflict waits before it tries again.
  const lane = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) lives.push(await lifeOf(seed));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const rounds = lives.reduce((sum, { cases }) => sum + cases, 0);
  const done = new Set(lives.flatMap((life) => [...life.done]));
  return {
    suite: 'fuzz',
    rounds,
    failures: lives.flatMap(({ failures }) => failures),
    details: {
      firstSeed,
      worlds,
      casesPerSecond: Math.round(rounds / ((performance.now() - startedMs) / 1000)),
      subjects: subjects.length,
      neverDone: subjects.filter((subject) => !done.has(subject)),
    },
  };
};
