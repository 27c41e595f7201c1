// A simulated town runner that speaks the whole protocol: bootstrap, desired set, prompts, turns, commands, usage, reports. It and its agents fail in
// all the ways they may.
import type { ObservedAgent, UsageRow } from '../../../functions/contracts/agent.schema.ts';
import type { Assignment, CommandPayload, CommandResult, Desired, RunnerReport } from '../../../functions/contracts/runner.schema.ts';
import { bootstrap } from '../../../functions/operations/bootstrap.ts';
import { desired } from '../../../functions/operations/desired.ts';
import { applyReport } from '../../../functions/operations/report.ts';
import { leaseOf } from '../../../functions/operations/runtime-caller.ts';
import { ProblemError } from '../../../functions/api/problems.ts';
import type { Ports, TownRuntime } from '../../../functions/ports.ts';
import { RuntimeStartFailed } from '../../../functions/runtime-errors.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import type { Trouble } from './trouble.ts';
import { refused, workTurn } from './workers.ts';

export interface RunnerWorld {
  readonly ports: () => Ports;
  readonly townId: string;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly trouble: Trouble;
  readonly begun: (assignment: Assignment, runtimeEpoch: number) => void;
  /** What the git host makes of a command; undefined for those that are not about it. */
  readonly host: (payload: CommandPayload) => CommandResult | undefined;
}
interface Process {
  assignment: Assignment;
  state: ObservedAgent['state'];
  error?: ObservedAgent['error'];
  lastActivityAtMs: number;
  readonly seen: Set<string>;
  inbox: string[];
  /** It says nothing any more, until a prompt wakes it perhaps. */
  stalled: boolean;
}
type Pending = Pick<RunnerReport, 'turns' | 'commandResults' | 'usage'>;

const nothingPending = (): Pending => ({ turns: [], commandResults: [], usage: [] });
const reported = 50;

const unreachable: CommandResult = { kind: 'error', retryable: true, message: 'The host cannot be reached.' };
const resultOf = ({ kind }: CommandPayload): CommandResult => {
  if (kind === 'list-branches') return { kind, branches: [] };
  if (kind === 'delete-branches') return { kind, deleted: [], kept: [] };
  if (kind === 'diff') return { kind, files: [], truncated: false };
  return kind === 'check-rig' ? { kind, ok: true, message: '' } : unreachable;
};

class TownRunner {
  alive = true;
  cutOff = false;
  private seq = 0;
  private bootstrapped = false;
  private calls = 0;
  private wanted: Desired | undefined;
  private version: string | undefined;
  private pending = nothingPending();
  private readonly done = new Set<string>();
  private readonly processes = new Map<string, Process>();
  private readonly world: RunnerWorld;
  private readonly runtimeEpoch: number;
  private readonly token: string;
  private readonly nextSha: () => string;
  constructor(world: RunnerWorld & { readonly nextSha: () => string }, runtimeEpoch: number, token: string) {
    this.world = world;
    this.nextSha = world.nextSha;
    this.runtimeEpoch = runtimeEpoch;
    this.token = token;
  }

  async tick(): Promise<void> {
    if (!this.alive) return;
    const { random, schedule, trouble } = this.world;
    if (trouble.hits('runnerDies')) {
      this.alive = false;
      return;
    }
    // Cut off from the control plane, but its agents go on: nothing that they do may count once they are replaced.
    if (trouble.hits('runnerCutOff')) {
      this.cutOff = true;
      return;
    }
    try {
      await this.work();
    } catch (error) {
      refused(error);
      // Replaced or refused: the runner leaves. A table that cannot be reached is tried again.
      if (error instanceof ProblemError) this.alive = false;
    }
    if (this.alive) schedule.after(random.between(5_000, 15_000), () => this.tick());
  }

  private async work(): Promise<void> {
    const { townId, trouble } = this.world;
    const ports = this.world.ports();
    const { runtimeEpoch } = this;
    if (!this.bootstrapped) {
      await bootstrap(ports, { townId, bootstrapToken: this.token, instanceId: `instance-${runtimeEpoch}`, protocolVersion: 1 });
      this.bootstrapped = true;
    }
    const lease = await leaseOf(ports, { townId, runtimeEpoch });
    if (this.wanted === undefined || this.wanted.desiredVersion !== this.version) {
      this.wanted = await desired(ports, lease);
      this.version = this.wanted.desiredVersion;
      this.follow(this.wanted);
    }
    for (const { commandId, payload } of this.wanted.commands) this.command(commandId, payload);
    if (trouble.hits('reportLost')) return;
    this.seq += 1;
    const sent = this.pending;
    const answer = await applyReport(ports, { townId, runtimeEpoch }, this.report(sent));
    this.version = answer.desiredVersion;
    // An answer that is lost is asked for again: everything is reported twice.
    if (trouble.hits('reportAnswerLost')) return;
    const { pending } = this;
    this.pending = {
      turns: pending.turns.filter((turn) => !sent.turns.includes(turn)),
      commandResults: pending.commandResults.filter((result) => !sent.commandResults.includes(result)),
      usage: pending.usage.filter((row) => !sent.usage.includes(row)),
    };
  }

  private report(sent: Pending): RunnerReport {
    const agents = [...this.processes.values()].map(({ assignment, state, error, lastActivityAtMs, seen }): ObservedAgent => ({
      agentId: assignment.agentId,
      epoch: assignment.epoch,
      state,
      sessionId: `ses-${assignment.agentId}-${assignment.bead?.beadId ?? 'none'}`,
      activeTools: [],
      deliveredPromptIds: [...seen].slice(-reported),
      lastActivityAtMs,
      ...(error === undefined ? {} : { error }),
    }));
    return {
      runtimeEpoch: this.runtimeEpoch,
      reportSeq: this.seq,
      agents,
      ...sent,
      runningCommandIds: [],
      host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' },
    };
  }

  private command(commandId: string, payload: CommandPayload): void {
    if (this.done.has(commandId)) return;
    this.done.add(commandId);
    const { random, schedule, trouble } = this.world;
    schedule.after(random.between(0, 20_000), () => {
      if (!this.alive) return;
      const result = trouble.hits('commandFails') ? unreachable : (this.world.host(payload) ?? resultOf(payload));
      this.pending.commandResults.push({ commandId, result });
    });
  }

  /** Processes as the control plane wants them, with the prompts that are new to them. */
  private follow({ assignments }: Desired): void {
    const { random, schedule } = this.world;
    for (const [agentId, { assignment }] of this.processes)
      if (!assignments.some((each) => each.agentId === agentId && each.epoch === assignment.epoch)) this.processes.delete(agentId);
    for (const assignment of assignments) {
      const known = this.processes.get(assignment.agentId);
      const process: Process = known ?? {
        assignment,
        state: 'starting',
        lastActivityAtMs: this.nowMs(),
        seen: new Set(),
        inbox: [],
        stalled: false,
      };
      process.assignment = assignment;
      const fresh = assignment.prompts.filter(({ promptId }) => !process.seen.has(promptId)).map(({ promptId }) => promptId);
      for (const promptId of fresh) process.seen.add(promptId);
      process.inbox.push(...fresh);
      if (known === undefined) {
        this.processes.set(assignment.agentId, process);
        schedule.after(random.between(500, 20_000), () => {
          this.begin(process);
        });
      } else if (process.state === 'waiting' || (process.stalled && fresh.length > 0 && random.chance(0.5))) this.turn(process);
    }
  }

  private nowMs(): number {
    return this.world.ports().clock.nowMs();
  }

  private runs(process: Process): boolean {
    return this.alive && this.processes.get(process.assignment.agentId) === process;
  }

  private begin(process: Process): void {
    if (!this.runs(process)) return;
    this.world.begun(process.assignment, this.runtimeEpoch);
    process.state = 'waiting';
    this.turn(process);
  }

  private turn(process: Process): void {
    if (!this.runs(process) || process.inbox.length === 0) return;
    process.state = 'working';
    process.stalled = false;
    process.lastActivityAtMs = this.nowMs();
    const prompts = process.inbox.splice(0);
    this.world.schedule.after(this.world.random.between(1_000, 60_000), () => this.finish(process, prompts));
  }

  private async finish(process: Process, prompts: readonly string[]): Promise<void> {
    if (!this.runs(process) || process.stalled) return;
    const { random, trouble, townId } = this.world;
    if (trouble.hits('outage')) {
      process.state = 'failed';
      process.error = { cause: random.pick(['infrastructure', 'model', 'git']), message: 'something everybody needs is down' };
      return;
    }
    if (process.assignment.role !== 'mayor' && trouble.hits('agentExits')) {
      process.state = 'exited';
      process.error = { cause: 'agent', message: 'the agent gave up' };
      return;
    }
    if (process.assignment.role !== 'mayor' && trouble.hits('agentStalls')) {
      process.stalled = true;
      return;
    }
    const { agentId, epoch, role } = process.assignment;
    const caller = { townId, agentId, epoch, role, runtimeEpoch: this.runtimeEpoch };
    const shift = { ports: this.world.ports(), random, trouble, caller, assignment: process.assignment, nextSha: this.nextSha };
    await workTurn(shift);
    // Some say so twice: a repetition must change nothing.
    if (random.chance(0.1)) this.world.schedule.after(random.between(0, 5_000), () => (this.alive ? workTurn(shift) : undefined));
    if (!this.runs(process)) return;
    process.state = 'waiting';
    process.lastActivityAtMs = this.nowMs();
    const failed = role === 'mayor' && trouble.hits('mayorFails');
    for (const promptId of prompts)
      this.pending.turns.push({ agentId, epoch, promptId, outcome: failed ? 'failed' : 'completed', text: 'Done.' });
    this.pending.usage.push(this.usage(process.assignment));
    this.turn(process);
  }

  private usage({ agentId, epoch, bead }: Assignment): UsageRow {
    this.calls += 1;
    return {
      callId: `call-${this.runtimeEpoch}-${this.calls}`,
      agentId,
      epoch,
      ...(bead === undefined ? {} : { beadId: bead.beadId }),
      provider: 'somewhere',
      model: 'of-unknown-price',
      inputTokens: this.world.random.between(1_000, 10_000),
      outputTokens: 100,
      cacheReadTokens: 0,
      durationMs: 1_000,
      atMs: this.nowMs(),
    };
  }
}

/** The runtime port over simulated runners. `live`: how many run that the control plane could reach. */
export const townRuntime = (world: RunnerWorld): TownRuntime & { readonly live: () => number } => {
  const runners = new Map<string, TownRunner>();
  let shas = 0;
  const nextSha = (): string => (shas += 1).toString(16).padStart(40, '0');
  const end = (runner: TownRunner): void => {
    // A machine that is cut off may not hear of it for long.
    world.schedule.after(world.random.between(0, runner.cutOff ? 600_000 : 5_000), () => {
      runner.alive = false;
    });
  };
  return {
    live: () => [...runners.values()].filter((runner) => runner.alive && !runner.cutOff).length,
    start: async ({ townId, runtimeEpoch, bootstrapToken }) => {
      const { random, schedule, trouble } = world;
      if (trouble.hits('startFails')) throw new RuntimeStartFailed('no capacity');
      const ref = `${townId}-${runtimeEpoch}`;
      if (!runners.has(ref)) {
        const runner = new TownRunner({ ...world, nextSha }, runtimeEpoch, bootstrapToken);
        runners.set(ref, runner);
        schedule.after(random.between(500, 40_000), () => runner.tick());
      }
      return ref;
    },
    status: async (ref) => (runners.get(ref)?.alive === true ? 'running' : 'stopped'),
    stop: async (ref) => {
      const runner = runners.get(ref);
      if (runner !== undefined) end(runner);
    },
    stopTown: async () => {
      const alive = [...runners.values()].filter((runner) => runner.alive);
      for (const runner of alive) end(runner);
      return alive.length === 0 ? 'gone' : 'stopping';
    },
    removeTown: async () => 'gone',
  };
};
