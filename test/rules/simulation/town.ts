// One simulated life of a town: a batch, single beads and a question to the Mayor are worked to the end while everything around fails.
import { fakePorts } from '../../fakes/ports.ts';
import type { Priority } from '../../../functions/contracts/primitives.schema.ts';
import type { Rig, Town } from '../../../functions/contracts/town.schema.ts';
import type { WorkItem } from '../../../functions/contracts/work.schema.ts';
import { plan } from '../../../functions/domain/plan/plan.ts';
import { isFinal } from '../../../functions/domain/transition.ts';
import { sayToMayor } from '../../../functions/operations/mayor.ts';
import { slingBatch } from '../../../functions/operations/sling-batch.ts';
import { slingOne } from '../../../functions/operations/sling.ts';
import type { Ports, Store } from '../../../functions/ports.ts';
import { reconcileTown } from '../../../functions/reconcile/reconcile.ts';
import { sweep } from '../../../functions/reconcile/sweep.ts';
import { withHints } from '../../../functions/stream/react.ts';
import { mortalPorts, slowStore } from './chaos.ts';
import { createLightStore } from './light-store.ts';
import { randomOf } from './random.ts';
import { simulatedRuntime } from './runner.ts';
import { Schedule } from './schedule.ts';
import { Watcher } from './watcher.ts';
import { boundedFaults, simulatedWorkflow } from './workflow.ts';

export interface Life {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly passes: number;
  readonly kills: number;
  readonly dispatches: number;
  readonly simulatedMinutes: number;
}
/** Passes are not kept: packing them would take most of the time, and end in any order. */
const forgotten = async (): Promise<void> => undefined;
const townId = 't-sim00001';
const longestMs = 8 * 60 * 60 * 1000;
/** Every so many seeds run on the store that checks schemas. */
const checkedSeeds = 20;
const settleMs = 60 * 60 * 1000;
const rigIds = ['r-aaaa0001', 'r-aaaa0002'] as const;

const townItem = (at: string, limits: { readonly maxPolecatsPerRig: number; readonly maxAgents: number }, codeReview: boolean): Town => ({
  townId,
  name: 'Simulated',
  ownerId: 'ada',
  version: 1,
  createdAt: at,
  updatedAt: at,
  config: {
    'models.default': { kind: 'scripted' },
    'merge.codeReview': codeReview,
    'limits.maxPolecatsPerRig': limits.maxPolecatsPerRig,
    'limits.maxAgents': limits.maxAgents,
  },
});
const rigItem = (rigId: string, prefix: string, at: string): Rig => ({
  townId,
  rigId,
  name: prefix,
  gitUrl: `/${prefix}.git`,
  defaultBranch: 'main',
  prefix,
  gates: [],
  version: 1,
  createdAt: at,
  updatedAt: at,
});

interface Sim {
  readonly ports: Ports;
  readonly base: Store;
  readonly watcher: Watcher;
  readonly schedule: Schedule;
  readonly count: { passes: number; kills: number };
  readonly calm: () => void;
}

const createSim = (seed: number): Sim => {
  const random = randomOf(seed);
  const base = createLightStore({ checked: seed % checkedSeeds === 0 });
  const fakes = fakePorts({ store: base });
  const { clock } = fakes;
  const schedule = new Schedule(clock);
  const limits = { maxPolecatsPerRig: random.between(1, 3), maxAgents: random.between(2, 4), maxDispatchAttempts: 5 };
  const watcher = new Watcher(limits);
  const count = { passes: 0, kills: 0 };
  let chaos = 1;
  let waitingUntilMs = 0;
  const hint = async (): Promise<void> => {
    if (random.chance(0.15 * chaos)) return;
    // Mostly a hint joins one that waits already, as in a queue with one group per town; some come twice, some late and out of order.
    if (waitingUntilMs > clock.nowMs() && random.chance(0.9)) return;
    waitingUntilMs = clock.nowMs() + random.between(1, 300);
    schedule.at(waitingUntilMs, wake);
    if (random.chance(0.1)) schedule.after(random.between(0, 10_000), wake);
  };
  const watched: Store = {
    ...base,
    commit: async (writes) => {
      const outcome = await base.commit(writes);
      if (outcome.ok) watcher.saw(writes);
      return outcome;
    },
  };
  const store = withHints(slowStore(watched, random), async ({ towns }) => {
    if (towns.length > 0) await hint();
  });
  const world = { ports: () => ports, townId, random, schedule };
  const runtime = simulatedRuntime({
    ...world,
    begun: (name, runtimeEpoch) => {
      watcher.begun(name, runtimeEpoch);
    },
    faults: {
      startFailures: random.between(0, 4),
      runnerDeaths: random.between(0, 3),
      ownFailures: random.between(0, 4),
      outages: random.between(0, 4),
      changes: random.between(0, 2),
      lostReports: 5,
      partitions: random.between(0, 2),
    },
  });
  // Fewer dead executions than end a request (M2 gives up after five in a row): these lives are meant to end well.
  const workflow = simulatedWorkflow({
    ...world,
    rigId: rigIds[0],
    hits: boundedFaults({ deaths: random.between(0, 3), conflicts: random.between(0, 2), lostTokens: random.between(0, 1) }, random),
  });
  const ports: Ports = {
    ...fakes,
    store,
    runtime,
    workflow,
    queue: { hint },
    clock,
    alarm: {
      arm: async ({ atMs }) => {
        if (!random.chance(0.1 * chaos)) schedule.at(atMs, wake);
      },
      disarm: async () => undefined,
    },
  };
  const pass = async (): Promise<void> => {
    count.passes += 1;
    const killed = random.chance(0.12 * chaos);
    const life = mortalPorts(ports, killed ? random.between(1, 6) : undefined, random);
    const died = async (): Promise<void> => {
      await life.dead;
      count.kills += 1;
    };
    await Promise.race([reconcileTown(life.ports, townId, { keep: forgotten, decide: plan }), died()]);
  };
  const wake = async (): Promise<void> => {
    await (random.chance(0.15) ? Promise.all([pass(), pass()]) : pass());
  };
  const at = new Date(clock.nowMs()).toISOString();
  void base.commit([
    { put: 'town', item: townItem(at, limits, random.chance(0.8)), when: 'none' },
    ...rigIds.map((rigId, index) => ({ put: 'rig', item: rigItem(rigId, index === 0 ? 'web' : 'api', at), when: 'none' }) as const),
  ]);
  const sweeps = async (): Promise<void> => {
    await sweep(ports);
    schedule.after(ports.deployment.timings.sweepPeriodMs, sweeps);
  };
  schedule.after(random.between(0, 600_000), sweeps);
  schedule.after(0, () => sling(ports, random));
  return {
    ports,
    base,
    watcher,
    schedule,
    count,
    calm: () => {
      chaos = 0;
    },
  };
};

const sling = async (ports: Ports, random: ReturnType<typeof randomOf>): Promise<void> => {
  const size = random.between(2, 4);
  const tasks = Array.from({ length: size }, (_, index) => ({
    title: `Task ${index}`,
    body: 'Do it.',
    priority: random.pick<Priority>(['low', 'medium', 'high', 'critical']),
    rigId: random.pick(rigIds),
    dependsOn: Array.from({ length: index }, (_each, earlier) => earlier).filter(() => random.chance(0.4)),
  }));
  await slingBatch(ports, {
    townId,
    userId: 'ada',
    actor: 'user:ada',
    input: { title: 'A batch', tasks, mergeMode: 'review-and-merge', parallel: true, staged: false },
  });
  if (random.chance(0.5)) {
    const kind = random.pick<'work' | 'no-code'>(['work', 'no-code']);
    await slingOne(ports, {
      townId,
      userId: 'ada',
      actor: 'user:ada',
      input: {
        rigId: rigIds[0],
        title: 'A single bead',
        body: '',
        kind,
        issueType: 'task',
        labels: [],
        metadata: {},
        dependsOn: [],
        priority: 'medium',
        formula: 'conflict-resolve',
        molecule: kind === 'work' ? 'poured' : 'checklist',
      },
    });
  }
  if (random.chance(0.3)) await sayToMayor(ports, { townId, userId: 'ada', input: { text: 'How is it going?' } });
};

const unfinished = ({ watcher }: Sim): string[] =>
  [...watcher.beads.values()]
    .filter((bead) => (bead.type === 'issue' || bead.type === 'convoy' || bead.type === 'molecule') && bead.status !== 'closed')
    .map((bead) => `${bead.type} ${bead.beadId} is ${bead.status}${bead.held ? ', held' : ''}`)
    .concat(
      [...watcher.beads.values()]
        .filter((bead) => bead.type === 'merge_request' && !isFinal(bead.status))
        .map((bead) => `request ${bead.beadId} is ${bead.status}`),
    );

/** Runs until `isOver` or the time is up. */
const runUntil = async (sim: Sim, endMs: number, isOver: () => boolean): Promise<void> => {
  while (sim.watcher.problems.length === 0 && sim.ports.clock.nowMs() < endMs && !isOver()) if (!(await sim.schedule.step())) return;
};

/** An escalation stays until a person acknowledges it, mail that wakes nobody until its reader runs anyway or it expires. */
const waitsForSomebody = (sim: Sim, item: WorkItem): boolean => {
  if (item.kind === 'escalation') return true;
  // Bookkeeping that ages out by itself: when triage agents started, what failed lately.
  if (item.kind === 'triager' || item.kind === 'failures') return true;
  // Branches wait for a runtime that is up anyway, and this one never answers about them.
  if (item.kind === 'branches') return true;
  const details = sim.watcher.beads.get(item.workId)?.details;
  return item.kind === 'mail' && details?.type === 'message' && (details.wakes === false || details.to !== 'role:mayor');
};

/** The whole life of one seed. `settle`: wait until nothing is left to do, and see that nothing is. */
export const liveOnce = async (seed: number, settle: boolean): Promise<Life> => {
  const sim = createSim(seed);
  const startMs = sim.ports.clock.nowMs();
  await runUntil(sim, startMs + longestMs, () => sim.watcher.beads.size > 0 && sim.watcher.landed > 0 && unfinished(sim).length === 0);
  const problems = [...sim.watcher.problems, ...unfinished(sim)];
  const minutes = Math.round((sim.ports.clock.nowMs() - startMs) / 60_000);
  if (problems.length === 0 && settle) {
    sim.calm();
    await runUntil(sim, sim.ports.clock.nowMs() + settleMs, () => false);
    const left = (await sim.base.workOf(townId)).filter((item) => !waitsForSomebody(sim, item));
    problems.push(...sim.watcher.problems, ...left.map((item) => `work item ${item.kind} ${item.workId} is left`));
    const lease = await sim.base.get('lease', { townId });
    if (lease?.state !== 'absent')
      problems.push(`the runtime is ${lease?.state ?? 'unknown'} although nothing is left to do (${JSON.stringify(lease)})`);
  }
  if (sim.watcher.landed !== 1 && problems.length === 0) problems.push(`the convoy landed ${sim.watcher.landed} times`);
  return {
    seed,
    problems,
    passes: sim.count.passes,
    kills: sim.count.kills,
    dispatches: sim.watcher.dispatches,
    simulatedMinutes: minutes,
  };
};
