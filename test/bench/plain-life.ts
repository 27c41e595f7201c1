// What the plain path of one bead costs in the table: the real operations, rules and state machines on a counted store, without git and agents.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { countingUnits } from '../../functions/adapters/dynamodb/counting-units.ts';
import type { CommandPayload, CommandResult } from '../../functions/contracts/runner.schema.ts';
import { isIssue } from '../../functions/domain/bead-writes.ts';
import { createMergeTasks } from '../../functions/merge/tasks.ts';
import { bootstrap } from '../../functions/operations/bootstrap.ts';
import { settleCommand } from '../../functions/operations/commands.ts';
import { desired } from '../../functions/operations/desired.ts';
import { done } from '../../functions/operations/done.ts';
import { pushCheck } from '../../functions/operations/push-check.ts';
import { leaseOf } from '../../functions/operations/runtime-caller.ts';
import { slingOne } from '../../functions/operations/sling.ts';
import { giveVerdict } from '../../functions/operations/verdict.ts';
import type { Ports } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { newsInWrites, recordHistory } from '../../functions/stream/history.ts';
import type { News } from '../../functions/stream/history.ts';
import { reactToWrites } from '../../functions/stream/react.ts';
import { createTableSearch } from '../../functions/adapters/search/table-search.ts';
import { systemClock } from '../../functions/adapters/system.ts';
import { createLocalWorkflow } from '../../infra/local/workflow/local-workflow.ts';
import type { LocalWorkflow } from '../../infra/local/workflow/local-workflow.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aGate, aRig, aTown, rigId, townId } from '../merges/merge-world.ts';
import { createMemoryStore } from '../store/memory-store.ts';

export interface StepUnits {
  readonly step: string;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly commits: number;
  readonly passes: number;
}
const sha = (digit: string): string => digit.repeat(40);
const resultOf = (payload: CommandPayload): CommandResult => {
  switch (payload.kind) {
    case 'prepare':
      return { kind: 'prepare', outcome: 'merged', targetSha: sha('a'), tip: sha('b'), conflictFiles: [], commits: [] };
    case 'gates':
      return {
        kind: 'gates',
        ok: true,
        results: payload.gates.map(({ name }) => ({ name, ok: true, exitCode: 0, durationMs: 1000, timedOut: false, output: 'ok' })),
      };
    case 'push':
      return { kind: 'push', outcome: 'pushed', remoteHead: payload.intent.newTip };
    default:
      throw new Error(`the plain path has no command ${payload.kind}`);
  }
};

/** Units of each step of one bead's life, in order; the town has lived before, so that nothing is paid for its start. */
export const measurePlainLife = async (): Promise<readonly StepUnits[]> => {
  const executions = mkdtempSync(join(tmpdir(), 'gastown-units-'));
  const inner = createMemoryStore();
  const counted = countingUnits(inner);
  let hinted = false;
  let changed = false;
  const news: News[] = [];
  const fake = fakePorts();
  let engine: LocalWorkflow;
  const ports: Ports = {
    ...fake,
    clock: systemClock,
    store: {
      ...counted.store,
      commit: async (writes) => {
        const outcome = await counted.store.commit(writes);
        if (!outcome.ok) return outcome;
        news.push(...newsInWrites(writes));
        const reaction = reactToWrites(writes);
        hinted ||= reaction.towns.length > 0;
        changed ||= reaction.frames.some((frame) => frame.topic === 'desired');
        return outcome;
      },
    },
    search: createTableSearch(counted.store),
    workflow: {
      ...fake.workflow,
      start: (...started) => engine.start(...started),
      status: (...asked) => engine.status(...asked),
      succeed: (...settled) => engine.succeed(...settled),
      fail: (...failed) => engine.fail(...failed),
      heartbeat: (token) => engine.heartbeat(token),
    },
  };
  engine = createLocalWorkflow({
    machinesDir: join(import.meta.dirname, '../../statemachines'),
    tasks: () => createMergeTasks(ports),
    dataDir: executions,
    clock: systemClock,
    log: fake.log,
    secondMs: 1,
  });

  await counted.store.commit([
    { put: 'town', item: aTown(true), when: 'none' },
    { put: 'rig', item: aRig('/srv/web.git', [aGate('npm test')]), when: 'none' },
  ]);
  const steps: StepUnits[] = [];
  let passes = 0;
  let last = counted.totals();
  const note = async (step: string): Promise<void> => {
    await recordHistory(ports, news.splice(0));
    const now = counted.totals();
    steps.push({
      step,
      readUnits: now.readUnits - last.readUnits,
      writeUnits: now.writeUnits - last.writeUnits,
      commits: now.commits - last.commits,
      passes,
    });
    passes = 0;
    last = counted.totals();
  };
  const runtimeEpoch = 1;
  const caller = { townId, runtimeEpoch };
  const settlePasses = async (): Promise<void> => {
    for (let quiet = 0; quiet < 20;) {
      if (hinted) {
        hinted = false;
        passes += 1;
        await reconcileTown(ports, townId);
        quiet = 0;
      } else quiet += 1;
      await turn();
    }
    if (changed && (await inner.get('lease', { townId }))?.state === 'live') {
      changed = false;
      await desired(ports, await leaseOf(ports, caller));
    }
  };
  const queuedCommands = async (): Promise<string[]> => (await inner.passOf(townId)).commands.map((command) => command.commandId);
  /** Hints become passes, queued commands are answered, awaited verdicts are given, until nothing moves. */
  const settleMerge = async (beadId: string): Promise<void> => {
    for (;;) {
      await settlePasses();
      const items = await queuedCommands();
      for (const commandId of items) {
        const command = await inner.get('command', { townId, commandId });
        if (command?.state === 'queued') await settleCommand(ports, townId, commandId, resultOf(command.payload));
      }
      const refinery = await inner.get('agent', { townId, agentId: `refinery-${rigId}` });
      if (refinery?.hookBeadId !== undefined)
        await giveVerdict(
          ports,
          { townId, agentId: refinery.agentId, epoch: refinery.epoch, role: 'refinery', runtimeEpoch },
          { outcome: 'approved', summary: 'Good: small, tested, named well.' },
        );
      const bead = await inner.get('bead', { townId, beadId });
      if (bead?.status === 'closed') return;
    }
  };

  const live = async (): Promise<void> => {
    const bead = await slingOne(ports, {
      townId,
      userId: 'ada',
      actor: 'user:ada',
      input: {
        rigId,
        title: 'Add a page about shipping',
        body: 'Write the page, link it from the index, and add a test.',
        kind: 'work',
        issueType: 'task',
        labels: [],
        metadata: {},
        dependsOn: [],
        priority: 'medium',
      },
    });
    await note('create');
    await settlePasses();
    if ((await inner.get('lease', { townId }))?.state === 'starting') {
      await bootstrap(ports, { townId, bootstrapToken: fake.starts.at(-1)?.bootstrapToken ?? '', instanceId: 'one', protocolVersion: 1 });
      await settlePasses();
    }
    await note('dispatch');
    const working = await inner.get('bead', { townId, beadId: bead.beadId });
    const agent = await inner.get('agent', { townId, agentId: working?.assigneeAgentId ?? '' });
    if (working === undefined || agent === undefined || !isIssue(working)) throw new Error('nobody was given the bead');
    last = counted.totals();
    const push = { agentId: agent.agentId, epoch: agent.epoch, rigId, branch: working.details.branch ?? '', sha: sha('b') };
    const lease = await leaseOf(ports, caller);
    await pushCheck(ports, lease, { ...push, phase: 'before' });
    await pushCheck(ports, lease, {
      ...push,
      phase: 'after',
      baseSha: sha('a'),
      aheadBy: 1,
      commits: [],
      changedPaths: ['src/shipping/page.ts', 'src/shipping/page.test.ts'],
    });
    await settlePasses();
    await note('push');
    await done(
      ports,
      { townId, agentId: agent.agentId, epoch: agent.epoch, role: 'polecat', runtimeEpoch },
      { branch: push.branch, summary: 'Added the page with its test.' },
    );
    await note('done');
    await settleMerge(bead.beadId);
    await note('merge');
    await settlePasses();
    await note('close');
  };
  try {
    await live();
    steps.length = 0;
    last = counted.totals();
    await live();
    return steps;
  } finally {
    await engine.stop();
    rmSync(executions, { recursive: true, force: true });
  }
};
