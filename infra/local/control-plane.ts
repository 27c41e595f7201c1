// The control plane on one machine: every port in its local form, every handler behind one HTTP server. Knows how things are wired, decides nothing.
import { join } from 'node:path';
import { createHandler as agents } from '../../functions/api/agents.handler.ts';
import { createHandler as auth } from '../../functions/api/auth.handler.ts';
import { createHandler as beads } from '../../functions/api/beads.handler.ts';
import { createHandler as convoys } from '../../functions/api/convoys.handler.ts';
import { createHandler as debug } from '../../functions/api/debug.handler.ts';
import { createHandler as events } from '../../functions/api/events.handler.ts';
import { createHandler as formulas } from '../../functions/api/formulas.handler.ts';
import { createHandler as health } from '../../functions/api/health.handler.ts';
import { createHandler as mail } from '../../functions/api/mail.handler.ts';
import { createHandler as mayor } from '../../functions/api/mayor.handler.ts';
import { createHandler as mcp } from '../../functions/api/mcp.handler.ts';
import { createHandler as merges } from '../../functions/api/merges.handler.ts';
import { createHandler as personas } from '../../functions/api/personas.handler.ts';
import { createHandler as rigs } from '../../functions/api/rigs.handler.ts';
import { createHandler as runner } from '../../functions/api/runner.handler.ts';
import type { ApiHandler } from '../../functions/api/serve.ts';
import { createHandler as search } from '../../functions/api/search.handler.ts';
import { createHandler as settings } from '../../functions/api/settings.handler.ts';
import { createHandler as sling } from '../../functions/api/sling.handler.ts';
import { createHandler as towns } from '../../functions/api/towns.handler.ts';
import { createHosts } from '../../functions/adapters/git/hosts.ts';
import { createSmartHttpProbe } from '../../functions/adapters/git/smart-http-probe.ts';
import { createNotifier } from '../../functions/adapters/notify/notifier.ts';
import { createTableSearch } from '../../functions/adapters/search/table-search.ts';
import { createPost } from '../../functions/adapters/notify/post.ts';
import type { RouteGroup } from '../../functions/contracts/routes.ts';
import type { Log, Metrics, Ports, Store, TownRuntime, Write } from '../../functions/ports.ts';
import { createRealtime } from '../../functions/realtime/realtime.ts';
import { forgetOldPasses } from '../../functions/reconcile/kept-pass.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { sweep, sweepEverything } from '../../functions/reconcile/sweep.ts';
import { newsInWrites, recordHistory } from '../../functions/stream/history.ts';
import { withHints } from '../../functions/stream/react.ts';
import { createMergeTasks } from '../../functions/merge/tasks.ts';
import { nightlyRounds } from '../../functions/operations/nightly.ts';
import { withRetention } from '../../functions/operations/retention.ts';
import { noteRuntimeEnded } from '../../functions/operations/runtime-ended.ts';
import type { LocalConfig } from './config.ts';
import { createFrontDoor } from './http-server.ts';
import type { FrontDoor } from './http-server.ts';
import { listen } from './listening.ts';
import { createLocalAlarm } from './ports/alarm.ts';
import { createChildRuntime } from './ports/child-runtime.ts';
import { createLocalFiles, createLocalSecrets } from './ports/files.ts';
import { createLocalGitHost } from './ports/git-host.ts';
import { createLocalQueue } from './ports/queue.ts';
import { createLocalPeople, createLocalTokens } from './ports/sign-in.ts';
import type { LocalPeople } from './ports/sign-in.ts';
import { createIds, systemClock } from '../../functions/adapters/system.ts';
import { createLocalSockets } from './websocket-server.ts';
import { createLocalWorkflow } from './workflow/local-workflow.ts';

export interface ControlPlaneOptions {
  /** Folder of the project. */
  readonly root: string;
  readonly dataDir: string;
  readonly port: number;
  readonly config: LocalConfig;
  readonly store: Store;
  readonly webFolder: string;
  readonly scriptedModelUrl: string;
  readonly person: { readonly name: string; readonly email: string };
  readonly log: Log;
  /** Where runners live; the benchmark puts its own here. */
  readonly runtime?: TownRuntime;
}
export interface ControlPlane {
  readonly ports: Ports;
  readonly people: LocalPeople;
  readonly url: string;
  readonly wsUrl: string;
  /** Stops runners, sockets, timers and the server; what is under way is finished first. */
  stop(): Promise<void>;
}

const handlersOf = (ports: Ports): Readonly<Record<RouteGroup, ApiHandler>> => ({
  health: health(ports),
  auth: auth(ports),
  towns: towns(ports),
  rigs: rigs(ports),
  beads: beads(ports),
  settings: settings(ports),
  sling: sling(ports),
  convoys: convoys(ports),
  agents: agents(ports),
  mail: mail(ports),
  mayor: mayor(ports),
  merges: merges(ports),
  formulas: formulas(ports),
  personas: personas(ports),
  events: events(ports),
  search: search(ports),
  debug: debug(ports),
  runner: runner(ports),
  mcp: mcp(ports),
});

/** Environment of the runner: what programs need to be found and trusted, no secret of the person who starts it. */
const inheritedNames = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  'SSH_AUTH_SOCK',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
];
const inherited = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(inheritedNames.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));

/** Every town is looked at once a day; whoever was switched off before the end goes on in the next hour. */
const auditPeriodMs = 60 * 60 * 1000;

const everyNight = async (ports: Ports): Promise<void> => {
  const result = await nightlyRounds(ports, ports.clock.nowMs() + auditPeriodMs);
  if (result === undefined) return;
  ports.log.info('audited', { ...result });
  for (const townId of await ports.store.everyTownWithWork()) await forgetOldPasses(ports, townId, ports.clock.nowMs());
};

/** One machine has no place for metrics but its log. What a town did in a window is read from its events. */
const localMetrics = (log: Log): Metrics => ({
  record: (values, facts = {}) => {
    log.info('metrics', { ...facts, ...values });
  },
});

export const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
  const { dataDir, log } = options;
  const { timings } = options.config;
  const clock = systemClock;
  let door: FrontDoor | undefined;
  const server = createFrontDoor(() => door);
  const port = await listen(server, options.port);
  const url = `http://127.0.0.1:${port}`;
  const wsUrl = `ws://127.0.0.1:${port}/ws`;

  const tokens = await createLocalTokens(join(dataDir, 'keys', 'signing.json'), clock);
  const people = createLocalPeople({ tokens, clock, person: options.person });
  const sockets = createLocalSockets({ log, nowMs: clock.nowMs });
  const queue = createLocalQueue(
    async (townId) => {
      await reconcileTown(ports, townId);
    },
    { log, retryMs: timings.resendMs },
  );
  const alarm = createLocalAlarm(queue, clock);
  const children = createChildRuntime({
    dataDir,
    runnerEntry: join(options.root, 'container', 'src', 'main.ts'),
    apiUrl: url,
    isolation: options.config.isolation,
    scriptedModelUrl: options.scriptedModelUrl,
    drainMs: timings.drainMs,
    log,
    inherit: inherited(process.env),
    onEnded: async (townId, runtimeRef, endedWell) => {
      await noteRuntimeEnded(ports, townId, runtimeRef, endedWell);
      await queue.hint(townId);
    },
  });
  const runtime = options.runtime ?? children;
  const index = createTableSearch(options.store);
  const remember = async (writes: readonly Write[]): Promise<void> => {
    try {
      await recordHistory({ store: options.store, search: index }, newsInWrites(writes));
    } catch (error) {
      log.warn('history_failed', { error: error instanceof Error ? error.name : 'unknown' });
    }
  };
  const told = withHints(
    options.store,
    async (reaction) => {
      for (const townId of reaction.towns) await queue.hint(townId);
      await realtime.pushFrames(reaction.frames);
    },
    remember,
  );
  const store = withRetention(told, clock);
  const workflow = createLocalWorkflow({
    machinesDir: join(options.root, 'statemachines'),
    tasks: () => createMergeTasks(ports),
    dataDir: join(dataDir, 'executions'),
    clock,
    log,
  });
  const ports: Ports = {
    store,
    search: index,
    queue,
    alarm,
    workflow,
    runtime,
    push: sockets,
    tokens,
    people,
    clock,
    log,
    metrics: localMetrics(log),
    ids: createIds(clock),
    files: createLocalFiles(join(dataDir, 'files')),
    secrets: createLocalSecrets({ path: join(dataDir, 'secrets.json'), keyPath: join(dataDir, 'keys', 'secrets.key') }),
    notifier: createNotifier({ post: createPost({ timeoutMs: 8_000, reach: 'any' }), clock, log }),
    gitHost: createLocalGitHost(createSmartHttpProbe({ timeoutMs: 15_000, reach: 'any' })),
    ...createHosts({ clock, timeoutMs: 15_000, reach: 'any' }),
    deployment: {
      apiUrl: url,
      wsUrl,
      timings,
      localRepositories: true,
      scriptedModelUrl: options.scriptedModelUrl,
      defaultModel: 'scripted',
    },
  };
  const realtime = createRealtime(ports);
  sockets.attach(server, realtime);
  door = { handlers: handlersOf(ports), webFolder: options.webFolder, log };
  await workflow.resume();
  await children.watch();
  await sweepEverything(ports);
  const sweeper = setInterval(() => {
    sweep(ports).catch((error: unknown) => {
      log.error('sweep_failed', { error: error instanceof Error ? error.message : 'unknown' });
    });
  }, timings.sweepPeriodMs);
  const auditor = setInterval(() => {
    everyNight(ports).catch((error: unknown) => {
      log.error('audit_failed', { error: error instanceof Error ? error.message : 'unknown' });
    });
  }, auditPeriodMs);
  auditor.unref();
  return {
    ports,
    people,
    url,
    wsUrl,
    stop: async () => {
      clearInterval(sweeper);
      clearInterval(auditor);
      alarm.stop();
      await queue.stop();
      await children.stopAll();
      await workflow.stop();
      sockets.closeAll();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
};
