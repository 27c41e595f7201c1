// One simulated life of a whole town: rigs, convoys, single beads, molecules, mail, budgets and a person who edits all of it, while everything
// around fails. Then the faults end, and the town must come to rest.
import { formulaSchema } from '../../../functions/contracts/formula.schema.ts';
import type { Assignment } from '../../../functions/contracts/runner.schema.ts';
import type { Rig, Town } from '../../../functions/contracts/town.schema.ts';
import type { Plan } from '../../../functions/domain/plan/action.ts';
import type { Snapshot } from '../../../functions/domain/plan/snapshot.ts';
import { plan } from '../../../functions/domain/plan/plan.ts';
import { updateConfig } from '../../../functions/operations/change-settings.ts';
import { reconcileTown } from '../../../functions/reconcile/reconcile.ts';
import { sweep } from '../../../functions/reconcile/sweep.ts';
import type { Ports, Store, Write } from '../../../functions/ports.ts';
import { StoreUnavailable } from '../../../functions/store-errors.ts';
import { withHints } from '../../../functions/stream/react.ts';
import { fakePorts } from '../../fakes/ports.ts';
import { mortalPorts, slowStore } from './chaos.ts';
import { createLightStore } from './light-store.ts';
import { auditProblems, beadProblems, quietProblems } from './oracle.ts';
import { gatesOf, importFile, keepOnce } from './keeper.ts';
import type { KeeperWorld } from './keeper.ts';
import { actOnce, createWork, goOn, mailSomebody, tidyUp } from './person.ts';
import type { Patience, PersonWorld } from './person.ts';
import { damage } from './damage.ts';
import { faulty } from './planted.ts';
import type { Planted } from './planted.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';
import { Schedule } from './schedule.ts';
import { shakyStore } from './shaky-store.ts';
import { townRuntime } from './town-runner.ts';
import { Trouble } from './trouble.ts';
import { Watcher } from './watcher.ts';
import { simulatedMachines } from './machines.ts';
import { SimulatedHost } from './host.ts';

export interface BigLife {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly beads: number;
  readonly passes: number;
  readonly kills: number;
  readonly dispatches: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Events by their type. */
  readonly happened: Readonly<Record<string, number>>;
  readonly simulatedHours: number;
}
export interface BigSize {
  readonly beads: number;
  /** Another store than the one in memory; its lists lag by themselves. */
  readonly store?: Store;
  /** Faults and people go on for so long after the last work was made. */
  readonly troubleMs?: number;
  /** The town has so long to come to rest. */
  readonly restMs?: number;
  /** No faults and no people who edit; slings at this pace, a letter a second, and room for so many workers. */
  readonly busy?: { readonly everyMs: number; readonly workers: number };
  /** The clock, as soon as there is one. */
  readonly onClock?: (nowMs: () => number) => void;
  /** Now and then something is damaged that only rules B4 and B5 can set right. */
  readonly damaged?: boolean;
  /** What is broken on purpose: the judges must see it. */
  readonly planted?: Planted;
}
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const townId = 't-sim00002';
const rigIds = ['r-aaaa0001', 'r-aaaa0002', 'r-aaaa0003'] as const;
/** Every so many seeds run on the store that checks schemas. */
const checkedSeeds = 10;
const usualTroubleMs = 2 * hour;
/** Then the town has so long to come to rest. */
const restMs = 9 * day;
const problemsShown = 12;
/** Settings and the like are changed at least every so often. */
const keptMost = 10 * minute;
/** A town that was stopped goes on after so long. */
const resumeAfterMs: Readonly<Record<Patience, number>> = { soon: 20 * minute, late: 3 * hour, never: restMs };
/** Every bead is audited so often. */
const auditEveryMs = hour;
const damageEveryMs = 10 * minute;

const gated = formulaSchema.parse({
  formula: 'gated',
  version: 1,
  type: 'workflow',
  description: 'Look, ask, wait, do.',
  steps: [
    { id: 'look', title: 'Look' },
    { id: 'ask', title: 'Ask', needs: ['look'], gate: { type: 'human', description: 'approval' } },
    { id: 'do', title: 'Do', needs: ['ask'], gate: { type: 'timer', timeout: '10m' } },
  ],
});

const firstItems = (random: Random, limits: { maxPolecatsPerRig: number; maxAgents: number }, at: string): Write[] => {
  const town: Town = {
    townId,
    name: 'Simulated',
    ownerId: 'ada',
    version: 1,
    createdAt: at,
    updatedAt: at,
    config: {
      'models.default': { kind: 'scripted' },
      'merge.codeReview': random.chance(0.8),
      'limits.maxPolecatsPerRig': limits.maxPolecatsPerRig,
      'limits.maxAgents': limits.maxAgents,
      'budget.dayUsd': random.pick([50, 10_000]),
    },
  };
  const rig = (rigId: string, prefix: string): Rig => ({
    townId,
    rigId,
    name: prefix,
    gitUrl: `/${prefix}.git`,
    defaultBranch: 'main',
    prefix,
    gates: gatesOf(random),
    version: 1,
    createdAt: at,
    updatedAt: at,
  });
  const formula = {
    townId,
    name: 'gated',
    kind: 'workflow' as const,
    description: '',
    document: JSON.stringify(gated),
    version: 1,
    createdAt: at,
    updatedAt: at,
    createdBy: 'user:ada' as const,
  };
  return [
    { put: 'town', item: town, when: 'none' },
    ...rigIds.map((rigId, index) => ({ put: 'rig', item: rig(rigId, ['web', 'api', 'ops'][index] ?? 'x'), when: 'none' }) as const),
    { put: 'formula', item: formula, when: 'none' },
  ];
};

class BigTown {
  readonly random: Random;
  readonly trouble: Trouble;
  readonly schedule: Schedule;
  readonly watcher: Watcher;
  readonly ports: Ports;
  /** The same ports without any fault, for the judges. */
  readonly sound: Ports;
  readonly person: PersonWorld;
  private readonly keeper: KeeperWorld;
  private readonly planted: Planted | undefined;
  private readonly isDamaged: boolean;
  /** The store behind the weather. */
  private watched: Store;
  passes = 0;
  kills = 0;
  created = 0;
  private hintAtMs = 0;
  private readonly limits: { readonly maxPolecatsPerRig: number; readonly maxAgents: number };

  constructor(seed: number, size: BigSize) {
    this.random = randomOf(seed);
    this.planted = size.planted;
    this.isDamaged = size.damaged === true;
    const { random } = this;
    this.trouble = new Trouble(random);
    const base = size.store ?? createLightStore({ checked: seed % checkedSeeds === 0 });
    this.watched = base;
    const fakes = fakePorts({ store: base });
    this.schedule = new Schedule(fakes.clock);
    size.onClock?.(() => this.schedule.nowMs());
    const { workers } = size.busy ?? {};
    const [perRig, inTown] = [random.between(3, 8), random.between(6, 16)];
    this.limits = { maxPolecatsPerRig: workers ?? perRig, maxAgents: workers ?? inTown };
    this.watcher = new Watcher({ ...this.limits, edited: true, nowMs: () => this.schedule.nowMs() });
    // Nothing of what tests usually record is kept: these lives are long.
    const log = { info: () => undefined, warn: () => undefined, error: (event: string, fields?: object) => this.failed(event, fields) };
    const quiet = { log, metrics: { record: () => undefined }, notifier: { send: async () => undefined } };
    const world = { ports: () => this.ports, townId, random, schedule: this.schedule, trouble: this.trouble };
    const begun = ({ agentId, epoch }: Assignment, runtimeEpoch: number): void => {
      // At rest an agent only listens, and may do so in the next runtime too.
      if (this.watcher.agents.get(agentId)?.hookBeadId !== undefined) this.watcher.begun(`${agentId} epoch ${epoch}`, runtimeEpoch);
    };
    const host = new SimulatedHost(this.trouble);
    const mergeFaults = { deaths: 'executionDies', conflicts: 'mergeConflict', lostTokens: 'tokenLost' } as const;
    this.ports = {
      ...fakes,
      ...quiet,
      store: this.storeOver(base, size.store === undefined),
      runtime: townRuntime({ ...world, begun, host: (payload) => host.answer(payload) }),
      workflow: simulatedMachines({ ...world, hits: (fault) => this.trouble.hits(mergeFaults[fault]) }),
      queue: { hint: async () => this.hint() },
      alarm: {
        arm: async ({ atMs }) => {
          if (!this.trouble.hits('alarmLost')) this.schedule.at(atMs, () => this.wake());
        },
        disarm: async () => undefined,
      },
    };
    this.sound = { ...this.ports, store: base };
    const rigs = (): [string, ...string[]] => {
      const [first = rigIds[0], ...more] = this.watcher.caps.rigIds;
      return [first, ...more];
    };
    const patience = random.pick<Patience>(['soon', 'soon', 'late', 'never']);
    this.keeper = { ports: this.ports, townId, random, schedule: this.schedule, rigs };
    this.person = { ports: this.ports, townId, rigs, random, beads: this.watcher.beads, patience };
  }

  private storeOver(base: Store, lagging: boolean): Store {
    const watched: Store = {
      ...base,
      commit: async (writes) => {
        const outcome = await base.commit(writes);
        if (!outcome.ok) return outcome;
        this.watcher.saw(writes);
        // Elsewhere others may have written before it is read.
        if (lagging) await this.watcher.checkNumbers(base, writes);
        return outcome;
      },
    };
    this.watched = watched;
    const weather = { trouble: this.trouble, random: this.random, schedule: this.schedule };
    return withHints(slowStore(shakyStore(watched, weather, lagging), this.random), async ({ towns }) => {
      if (towns.length > 0) this.hint();
    });
  }

  private failed(event: string, fields: object | undefined): void {
    const text = JSON.stringify(fields ?? {});
    const isExpected = /throttled|answer of the table|no capacity|cannot be reached|kept changing/u.test(text);
    if (event === 'action_failed' && !isExpected) this.watcher.problems.push(`${event} ${text}`);
  }

  private hint(): void {
    const { random, schedule, trouble } = this;
    if (trouble.hits('hintLost')) return;
    if (this.hintAtMs > schedule.nowMs()) return;
    this.hintAtMs = schedule.nowMs() + random.between(1, 1_500);
    schedule.at(this.hintAtMs, () => this.wake());
    if (trouble.hits('hintTwice')) schedule.after(random.between(0, 10_000), () => this.wake());
  }

  /** In place of keeping passes, which would take most of the time: no pass may find a broken promise in what it has read. */
  private readonly seen = async (_ports: unknown, _snapshot: Snapshot, { actions }: Plan): Promise<void> => {
    for (const action of actions)
      if (action.kind === 'repair-invariant') this.watcher.problems.push(`${action.rule}, in a pass: ${action.sentence}`);
  };

  private readonly decide = (...facts: Parameters<typeof plan>): Plan => {
    const decided = plan(...facts);
    return this.planted === undefined ? decided : { ...decided, actions: faulty(decided.actions, this.planted) };
  };

  private async pass(): Promise<void> {
    this.passes += 1;
    const killed = this.trouble.hits('passKilled');
    const life = mortalPorts(this.ports, killed ? this.random.between(1, 6) : undefined, this.random);
    const died = async (): Promise<void> => {
      await life.dead;
      this.kills += 1;
    };
    try {
      await Promise.race([reconcileTown(life.ports, townId, { keep: this.seen, decide: this.decide }), died()]);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // The queue gives the hint out again.
      this.schedule.after(this.random.between(1_000, 30_000), () => this.wake());
    }
  }

  private async wake(): Promise<void> {
    await (this.trouble.hits('passTwice') ? Promise.all([this.pass(), this.pass()]) : this.pass());
  }

  /** Nothing goes wrong; everybody is as quick as people and agents can be. */
  private async hurry({ beads }: BigSize, everyMs: number): Promise<void> {
    this.trouble.end();
    await updateConfig(this.sound, { townId, userId: 'ada', patch: { 'budget.dayUsd': 1_000_000, 'budget.beadUsd': 1_000 } });
    const { schedule } = this;
    for (let bead = 0; bead < beads; bead += 1) schedule.after(bead * everyMs, async () => void (await createWork(this.person, 1)));
    for (let mail = 0; mail < (beads * everyMs) / 1_000; mail += 1) schedule.after(mail * 1_000, () => mailSomebody(this.person));
  }

  async begin(size: BigSize): Promise<void> {
    const { beads, troubleMs = usualTroubleMs } = size;
    const { random, schedule, ports } = this;
    const first = firstItems(random, this.limits, new Date(ports.clock.nowMs()).toISOString());
    await this.sound.store.commit(first);
    this.watcher.saw(first);
    const sweeps = async (): Promise<void> => {
      await sweep(ports).catch(() => undefined);
      schedule.after(ports.deployment.timings.sweepPeriodMs, sweeps);
    };
    schedule.after(random.between(0, 10 * minute), sweeps);
    if (size.busy !== undefined) {
      await this.hurry(size, size.busy.everyMs);
      return;
    }
    const create = async (): Promise<void> => {
      this.created += await createWork(this.person, beads - this.created);
      if (this.created < beads) schedule.after(random.between(0, 2 * minute), create);
      else schedule.after(troubleMs, () => this.end());
    };
    schedule.after(0, create);
    const act = async (): Promise<void> => {
      if (this.trouble.isOver) return;
      await actOnce(this.person);
      schedule.after(random.between(1_000, 3 * minute), act);
    };
    schedule.after(minute, act);
    const keep = async (): Promise<void> => {
      if (this.trouble.isOver) return;
      await keepOnce(this.keeper);
      schedule.after(random.between(minute, keptMost), keep);
    };
    schedule.after(minute, keep);
    for (let file = random.between(0, 3); file > 0; file -= 1) {
      const lines = Math.ceil((beads * random.between(2, 8)) / 100);
      schedule.after(random.between(0, hour), () => importFile(this.keeper, `ext${file}`, lines));
    }
    const pauseMs = resumeAfterMs[this.person.patience];
    const resume = async (): Promise<void> => {
      await goOn(this.person);
      schedule.after(pauseMs, resume);
    };
    schedule.after(pauseMs, resume);
  }

  /** The faults end; in every other town a person then lets go of all that waits for people. */
  private async end(): Promise<void> {
    this.trouble.end();
    await goOn(this.person);
    if (this.random.chance(0.5)) await tidyUp(this.person);
  }

  private async damage(): Promise<void> {
    const at = new Date(this.schedule.nowMs()).toISOString();
    await damage({ store: this.watched, townId, at, beads: [...this.watcher.beads.values()] });
    // As the table's stream would say.
    for (const afterMs of [1_000, 2 * minute, 4 * minute]) this.schedule.after(afterMs, () => this.wake());
  }

  /** Runs until `isOver` says so, which is asked now and then. */
  async runUntil(endMs: number, everyMs: number, isOver: () => Promise<boolean>): Promise<void> {
    let askMs = this.schedule.nowMs() + everyMs;
    let auditMs = this.schedule.nowMs() + (this.isDamaged ? damageEveryMs : auditEveryMs);
    while (this.watcher.problems.length === 0 && this.schedule.nowMs() < endMs) {
      if (!(await this.schedule.step())) return;
      if (this.schedule.nowMs() >= auditMs) {
        auditMs = this.schedule.nowMs() + (this.isDamaged ? damageEveryMs : auditEveryMs);
        this.watcher.problems.push(...(await auditProblems(this.sound, townId)));
        // The next audit is some time away: until then the rules must have set it right.
        if (this.isDamaged && !this.trouble.isOver) await this.damage();
      }
      if (this.schedule.nowMs() < askMs) continue;
      if (await isOver()) return;
      askMs = this.schedule.nowMs() + everyMs;
    }
  }
}

/** The whole life of one seed. */
export const liveBig = async (seed: number, size: BigSize): Promise<BigLife> => {
  const town = new BigTown(seed, size);
  const startMs = town.schedule.nowMs();
  const problems: string[] = [];
  let found: string[] = [];
  const isAtRest = async (): Promise<boolean> => {
    if (!town.trouble.isOver) return false;
    if ((await town.sound.store.get('lease', { townId }))?.state !== 'absent') return false;
    found = await quietProblems(town.sound, townId);
    if (found.length === 0) found = await beadProblems(town.sound, townId);
    return found.length === 0;
  };
  try {
    await town.begin(size);
    await town.runUntil(startMs + (size.restMs ?? restMs), 10 * minute, isAtRest);
    if (town.watcher.problems.length === 0 && !(await isAtRest()))
      found = [...(await beadProblems(town.sound, townId)), ...(await quietProblems(town.sound, townId))];
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  problems.push(...town.watcher.problems, ...found);
  return {
    seed,
    problems: problems.slice(0, problemsShown),
    beads: town.watcher.beads.size,
    passes: town.passes,
    kills: town.kills,
    dispatches: town.watcher.dispatches,
    faults: Object.fromEntries(town.trouble.counts),
    happened: Object.fromEntries(town.watcher.happened),
    simulatedHours: Math.round((town.schedule.nowMs() - startMs) / hour),
  };
};
