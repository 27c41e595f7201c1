// A simulated town runner: bootstraps, does what is desired, reports, and fails in all the ways it may. Its calls are the real operations.
import type { ObservedAgent } from '../../../functions/contracts/agent.schema.ts';
import type { RuntimeLease } from '../../../functions/contracts/runner.schema.ts';
import { hasProcess } from '../../../functions/domain/agent-state.ts';
import { isIssue } from '../../../functions/domain/bead-writes.ts';
import { hookIsGood } from '../../../functions/domain/plan/hook.ts';
import { mailPromptId } from '../../../functions/domain/prompt-ids.ts';
import { bootstrap } from '../../../functions/operations/bootstrap.ts';
import type { AgentIdentity } from '../../../functions/operations/agent-caller.ts';
import { done } from '../../../functions/operations/done.ts';
import { advanceByAgent, currentForAgent } from '../../../functions/operations/molecules.ts';
import { pushCheck } from '../../../functions/operations/push-check.ts';
import { applyObservations } from '../../../functions/operations/report-agents.ts';
import { applyTurns } from '../../../functions/operations/report-turns.ts';
import { leaseOf } from '../../../functions/operations/runtime-caller.ts';
import { giveVerdict } from '../../../functions/operations/verdict.ts';
import type { Ports, TownRuntime } from '../../../functions/ports.ts';
import { ProblemError } from '../../../functions/api/problems.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

/** How many faults of each kind a run may have; what goes wrong for ever cannot end well. */
export interface Faults {
  startFailures: number;
  runnerDeaths: number;
  ownFailures: number;
  outages: number;
  changes: number;
  lostReports: number;
  partitions: number;
}
interface World {
  readonly ports: () => Ports;
  readonly townId: string;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly faults: Faults;
  readonly begun: (name: string, runtimeEpoch: number) => void;
}
interface Process {
  readonly agentId: string;
  readonly epoch: number;
  readonly role: 'polecat' | 'refinery' | 'mayor';
  readonly beadId: string | undefined;
  state: ObservedAgent['state'];
  error?: ObservedAgent['error'];
}

const spend = (faults: Faults, kind: keyof Faults, hit: boolean): boolean => {
  if (!hit || faults[kind] <= 0) return false;
  faults[kind] -= 1;
  return true;
};
const refused = (error: unknown): void => {
  // A refusal by the control plane is an answer; everything else is a defect of the simulation or the product.
  if (!(error instanceof ProblemError)) throw error;
};

let shas = 0;
const nextSha = (): string => (shas += 1).toString(16).padStart(40, '0');

class Runner {
  alive = true;
  partitioned = false;
  private seq = 0;
  private bootstrapped = false;
  private readonly processes = new Map<string, Process>();
  private readonly world: World;
  private readonly start: { readonly runtimeEpoch: number; readonly bootstrapToken: string };
  constructor(world: World, start: { readonly runtimeEpoch: number; readonly bootstrapToken: string }) {
    this.world = world;
    this.start = start;
  }

  async tick(): Promise<void> {
    if (!this.alive) return;
    const { random, schedule, faults } = this.world;
    if (spend(faults, 'runnerDeaths', random.chance(0.03))) {
      this.alive = false;
      return;
    }
    // Cut off from the control plane, but its agents go on: nothing that they do may count once they are replaced.
    if (spend(faults, 'partitions', random.chance(0.03))) {
      this.partitioned = true;
      return;
    }
    try {
      await this.work();
    } catch (error) {
      // Replaced or refused: the runner leaves.
      refused(error);
      this.alive = false;
    }
    if (this.alive) schedule.after(random.between(3_000, 15_000), () => this.tick());
  }

  private async work(): Promise<void> {
    const { townId, random, faults } = this.world;
    const ports = this.world.ports();
    const { runtimeEpoch } = this.start;
    if (!this.bootstrapped) {
      await bootstrap(ports, {
        townId,
        bootstrapToken: this.start.bootstrapToken,
        instanceId: `instance-${runtimeEpoch}`,
        protocolVersion: 1,
      });
      this.bootstrapped = true;
    }
    const held = await leaseOf(ports, { townId, runtimeEpoch });
    if (held.state === 'live') await this.follow(ports);
    if (spend(faults, 'lostReports', random.chance(0.1))) return;
    this.seq += 1;
    const agents = [...this.processes.values()].map(({ agentId, epoch, state, error }): ObservedAgent => ({
      agentId,
      epoch,
      state,
      activeTools: [],
      deliveredPromptIds: [],
      lastActivityAtMs: ports.clock.nowMs(),
      ...(error === undefined ? {} : { error }),
    }));
    await applyObservations(ports, townId, { runtimeEpoch, reportSeq: this.seq, agents });
    const lease = await leaseOf(ports, { townId, runtimeEpoch });
    const nowMs = ports.clock.nowMs();
    const beat: RuntimeLease = {
      ...lease,
      reportSeq: this.seq,
      lastReportAtMs: nowMs,
      version: lease.version + 1,
      updatedAt: new Date(nowMs).toISOString(),
    };
    await ports.store.commit([{ put: 'lease', item: beat, when: { equals: { version: lease.version } } }]);
  }

  /** Processes as the stored agents want them. */
  private async follow(ports: Ports): Promise<void> {
    const { townId } = this.world;
    const wanted = (await ports.store.agentsOf(townId)).filter(hasProcess);
    const beads = await ports.store.getMany(
      'bead',
      wanted.map((agent) => ({ townId, beadId: agent.hookBeadId ?? 'none-00000' })),
    );
    const desired = wanted.filter((agent, index) => agent.role === 'mayor' || hookIsGood(agent, beads[index]));
    for (const [agentId, process] of this.processes)
      if (!desired.some((agent) => agent.agentId === agentId && agent.epoch === process.epoch)) this.processes.delete(agentId);
    for (const agent of desired) {
      if (this.processes.has(agent.agentId) || (agent.role !== 'polecat' && agent.role !== 'refinery' && agent.role !== 'mayor')) continue;
      const process: Process = {
        agentId: agent.agentId,
        epoch: agent.epoch,
        role: agent.role,
        beadId: agent.hookBeadId,
        state: 'starting',
      };
      this.processes.set(agent.agentId, process);
      this.world.schedule.after(this.world.random.between(500, 20_000), () => this.begin(process));
    }
  }

  private runs(process: Process): boolean {
    return this.alive && this.processes.get(process.agentId) === process;
  }

  private begin(process: Process): void {
    if (!this.runs(process)) return;
    this.world.begun(`${process.agentId} epoch ${process.epoch}`, this.start.runtimeEpoch);
    process.state = 'working';
    this.world.schedule.after(this.world.random.between(1_000, 60_000), () => this.finish(process));
  }

  private async finish(process: Process): Promise<void> {
    if (!this.runs(process)) return;
    const { random, faults, schedule } = this.world;
    if (spend(faults, 'outages', random.chance(0.15))) {
      process.state = 'failed';
      process.error = { cause: random.pick(['infrastructure', 'model', 'git']), message: 'something everybody needs is down' };
      return;
    }
    if (process.role !== 'mayor' && spend(faults, 'ownFailures', random.chance(0.15))) {
      process.state = 'exited';
      process.error = { cause: 'agent', message: 'the agent gave up' };
      return;
    }
    await this.act(process).catch(refused);
    process.state = 'waiting';
    // Some say so twice: a repetition must change nothing.
    if (random.chance(0.2)) schedule.after(random.between(0, 5_000), () => this.act(process).catch(refused));
    if (process.role === 'mayor') schedule.after(random.between(1_000, 30_000), () => this.begin(process));
  }

  private async act({ agentId, epoch, role, beadId }: Process): Promise<void> {
    if (!this.alive) return;
    const { townId, random, faults } = this.world;
    const ports = this.world.ports();
    const caller = { townId, agentId, epoch, role, runtimeEpoch: this.start.runtimeEpoch };
    if (role === 'mayor') {
      const waiting = (await ports.store.workOf(townId)).flatMap(({ kind, workId }) => {
        if (kind === 'mail') return [mailPromptId(workId)];
        return kind === 'mayor' ? [workId.slice(workId.lastIndexOf('#') + 1)] : [];
      });
      await applyTurns(
        ports,
        townId,
        waiting.map((promptId) => ({ agentId, epoch, promptId, outcome: 'completed', text: 'Done.' })),
      );
      return;
    }
    if (role === 'refinery') {
      const changes = spend(faults, 'changes', random.chance(0.2));
      await giveVerdict(
        ports,
        caller,
        changes ? { outcome: 'changes', summary: 'Please name it better.' } : { outcome: 'approved', summary: 'Good.' },
      );
      return;
    }
    const bead = await ports.store.get('bead', { townId, beadId: beadId ?? '' });
    if (bead === undefined || !isIssue(bead)) return;
    const branch = bead.details.branch ?? '';
    if (bead.details.kind !== 'no-code' && bead.rigId !== undefined) {
      const lease = await ports.store.get('lease', { townId });
      if (lease !== undefined)
        await pushCheck(ports, lease, {
          phase: 'after',
          agentId,
          epoch,
          rigId: bead.rigId,
          branch,
          sha: nextSha(),
          baseSha: '0'.repeat(40),
          aheadBy: 1,
          commits: [],
        });
    }
    if (bead.details.moleculeId !== undefined) await workThrough(ports, caller);
    await done(ports, caller, { branch, summary: 'It is done.' });
  }
}

/** The steps of the bead, one after the other; a kill may come between any two. */
const workThrough = async (ports: Ports, caller: AgentIdentity): Promise<void> => {
  for (let position = await currentForAgent(ports, caller); position.position.current !== undefined && !position.released;)
    position = await advanceByAgent(ports, caller, { stepId: position.position.current.stepId, outcome: 'done' });
};

/** The runtime port over simulated runners. */
export const simulatedRuntime = (world: World): TownRuntime => {
  const runners = new Map<string, Runner>();
  return {
    start: async ({ townId, runtimeEpoch, bootstrapToken }) => {
      const { random, schedule, faults } = world;
      if (spend(faults, 'startFailures', random.chance(0.2))) throw new Error('no capacity');
      const ref = `${townId}-${runtimeEpoch}`;
      if (!runners.has(ref)) {
        const runner = new Runner(world, { runtimeEpoch, bootstrapToken });
        runners.set(ref, runner);
        schedule.after(random.between(500, 40_000), () => runner.tick());
      }
      return ref;
    },
    status: async (ref) => (runners.get(ref)?.alive === true ? 'running' : 'stopped'),
    stopTown: async () => 'gone',
    removeTown: async () => 'gone',
    stop: async (ref) => {
      const runner = runners.get(ref);
      // A machine that is cut off may not hear of it for long.
      if (runner !== undefined)
        world.schedule.after(world.random.between(0, runner.partitioned ? 600_000 : 5_000), () => {
          runner.alive = false;
        });
    },
  };
};
