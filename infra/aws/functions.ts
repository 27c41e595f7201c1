// Every function of a deployment: where it starts, what it may use, how long it may take. The stacks and the tests are made from this table.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { routeGroups } from '../../functions/contracts/routes.ts';
import type { RouteGroup } from '../../functions/contracts/routes.ts';

/** A port of functions/ports.ts that needs a permission. `verify`: checks tokens of agents and runners; `sign` also makes them. */
export type Need =
  | 'store'
  | 'queue'
  | 'alarm'
  | 'workflow'
  | 'runtime'
  | 'push'
  | 'files'
  | 'secrets'
  | 'verify'
  | 'sign'
  | 'people'
  | 'gitHost'
  | 'notifier';
export interface FunctionSpec {
  readonly entry: string;
  readonly needs: readonly Need[];
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
}

/** API Gateway gives up after 29 s. */
const apiTimeoutSeconds = 28;
const apiNeeds: Readonly<Record<RouteGroup, readonly Need[]>> = {
  health: [],
  auth: ['store', 'people'],
  towns: ['store', 'people', 'secrets'],
  settings: ['store', 'people', 'secrets'],
  rigs: ['store', 'people', 'secrets', 'gitHost'],
  beads: ['store', 'files', 'people'],
  sling: ['store', 'files', 'people'],
  convoys: ['store', 'files', 'people'],
  agents: ['store', 'files', 'people', 'sign'],
  mayor: ['store', 'people'],
  merges: ['store', 'people'],
  mail: ['store', 'people'],
  formulas: ['store', 'files', 'people'],
  personas: ['store', 'people'],
  events: ['store', 'people'],
  search: ['store', 'people'],
  debug: ['store', 'files', 'people'],
  runner: ['store', 'files', 'people', 'secrets', 'gitHost', 'sign', 'workflow', 'queue'],
  mcp: ['store', 'files', 'verify', 'workflow'],
};
const api = (group: RouteGroup): FunctionSpec => ({
  entry: `functions/api/${group}.handler.ts`,
  needs: apiNeeds[group],
  timeoutSeconds: apiTimeoutSeconds,
  memoryMiB: 512,
});
export const apiFunctions: Readonly<Record<RouteGroup, FunctionSpec>> = Object.fromEntries(
  routeGroups.map((group) => [group, api(group)]),
) as Record<RouteGroup, FunctionSpec>;

/** A pass calls ECS and Step Functions; it is cut off long before its message comes back to the queue. */
const passTimeoutSeconds = 120;
export const backgroundFunctions = {
  /** DynamoDB stream → hints and frames. */
  stream: { entry: 'functions/stream/stream.handler.ts', needs: ['store', 'queue', 'push'], timeoutSeconds: 60, memoryMiB: 512 },
  /** Reconcile queue → one pass per town. */
  reconcile: {
    entry: 'functions/reconcile/reconcile.handler.ts',
    needs: ['store', 'alarm', 'workflow', 'runtime', 'sign', 'files', 'secrets', 'notifier', 'people', 'gitHost'],
    timeoutSeconds: passTimeoutSeconds,
    memoryMiB: 1024,
  },
  /** Wake queue → hint. */
  wake: { entry: 'functions/reconcile/wake.handler.ts', needs: ['queue'], timeoutSeconds: 30, memoryMiB: 256 },
  /** Every ten minutes: what hints and alarms have missed. */
  sweep: { entry: 'functions/reconcile/sweep.handler.ts', needs: ['store', 'queue'], timeoutSeconds: 120, memoryMiB: 512 },
  /** Every hour: goes on with the day's round through all towns. */
  audit: { entry: 'functions/reconcile/audit.handler.ts', needs: ['store', 'files'], timeoutSeconds: 900, memoryMiB: 1024 },
  /** Tasks and executions that changed their state → note on the lease, hint. */
  facts: { entry: 'functions/reconcile/facts.handler.ts', needs: ['store', 'queue'], timeoutSeconds: 30, memoryMiB: 256 },
  /** $connect, $disconnect, $default. */
  live: { entry: 'functions/realtime/websocket.handler.ts', needs: ['store', 'push'], timeoutSeconds: 28, memoryMiB: 512 },
} as const satisfies Readonly<Record<string, FunctionSpec>>;
export type BackgroundFunction = keyof typeof backgroundFunctions;

/** `functions/merge/<name>.task.ts` stands for `${<Name>FunctionArn}` in the state machines. */
export const taskSubstitution = (name: string): string =>
  `${name
    .split('-')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('')}FunctionArn`;
/** Beside the store, which every task reads and writes: tasks that settle a token or start a train, and the one that asks who commits. */
const taskNeeds: Readonly<Record<string, readonly Need[]>> = {
  'ask-review': ['workflow'],
  'run-step': ['workflow', 'people'],
  'record-result': ['workflow'],
};
export const taskFunctions = (root: string): Readonly<Record<string, FunctionSpec>> =>
  Object.fromEntries(
    readdirSync(join(root, 'functions/merge'))
      .filter((file) => file.endsWith('.task.ts'))
      .toSorted()
      .map((file) => {
        const name = file.slice(0, -'.task.ts'.length);
        return [
          name,
          {
            entry: `functions/merge/${file}`,
            needs: ['store', ...(taskNeeds[name] ?? [])],
            timeoutSeconds: 60,
            memoryMiB: 512,
          } satisfies FunctionSpec,
        ];
      }),
  );

/** Names of functions in logs and in the console: `api-towns`, `stream`, `merge-claim`. */
export const everyFunction = (root: string): Readonly<Record<string, FunctionSpec>> => ({
  ...Object.fromEntries(Object.entries(apiFunctions).map(([name, spec]) => [`api-${name}`, spec])),
  ...backgroundFunctions,
  ...Object.fromEntries(Object.entries(taskFunctions(root)).map(([name, spec]) => [`merge-${name}`, spec])),
});

/** Entries of the table that are not files. */
export const missingEntries = (root: string): readonly string[] =>
  Object.values(everyFunction(root))
    .map(({ entry }) => entry)
    .filter((entry) => !existsSync(join(root, entry)));
