// A small town in the memory store for tests of tools and of the runner's protocol.
import type { Agent } from '../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { IssueDetails } from '../../functions/contracts/issue.schema.ts';
import type { MergeRequestDetails } from '../../functions/contracts/merge-request.schema.ts';
import type { RuntimeLease } from '../../functions/contracts/runner.schema.ts';
import type { MayorMessage, Rig, Town } from '../../functions/contracts/town.schema.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import { hashOfToken } from '../../functions/operations/bootstrap.ts';
import type { AgentIdentity } from '../../functions/operations/agent-caller.ts';
import type { Write } from '../../functions/ports.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';

export const townId = 't-test1';
export const rigId = 'r-rig1';
export const at = '2026-11-21T10:00:00.000Z';
export const sha = (digit: string): string => digit.repeat(40);

export const aTown = (more: Partial<Town> = {}): Town => ({
  townId,
  name: 'Springfield',
  ownerId: 'ada',
  version: 1,
  createdAt: at,
  updatedAt: at,
  config: {
    'models.default': { kind: 'scripted' },
    'merge.codeReview': true,
    'limits.maxPolecatsPerRig': 5,
    'limits.maxAgents': 12,
    'limits.maxDispatchAttempts': 5,
    'instructions.polecat': 'Prefer small functions.',
  },
  ...more,
});
export const aRig = (more: Partial<Rig> = {}): Rig => ({
  townId,
  rigId,
  name: 'library',
  gitUrl: '/tmp/library.git',
  defaultBranch: 'main',
  prefix: 'lib',
  version: 1,
  createdAt: at,
  updatedAt: at,
  gates: [
    { name: 'tests', command: 'node --test', timeoutSeconds: 60, phase: 'both' },
    { name: 'slow', command: 'make slow', timeoutSeconds: 600, phase: 'merge' },
  ],
  ...more,
});
export const aLease = (more: Partial<RuntimeLease> = {}): RuntimeLease => ({
  townId,
  state: 'live',
  runtimeEpoch: 3,
  reportSeq: 0,
  startFailures: 0,
  version: 1,
  updatedAt: at,
  bootstrapTokenHash: hashOfToken('bootstrap-token-1234'),
  ...more,
});
export const anAgent = (more: Partial<Agent> = {}): Agent => ({
  townId,
  agentId: 'toast',
  name: 'Toast',
  role: 'polecat',
  rigId,
  state: 'working',
  epoch: 4,
  hookBeadId: 'lib-work',
  slot: `${rigId}#1`,
  version: 1,
  createdAt: at,
  updatedAt: at,
  ...more,
});
export const anIssue = (details: Partial<IssueDetails> = {}, more: Partial<Bead> = {}): Bead =>
  newBead(
    {
      townId,
      beadId: 'lib-work',
      title: 'Add a sum function',
      requestedBy: 'ada',
      createdBy: 'user:ada',
      at,
      details: {
        type: 'issue',
        issueType: 'task',
        kind: 'work',
        branch: 'gt/toast/lib-work',
        targetBranch: 'main',
        commits: [],
        ...details,
      },
    },
    {
      rigId,
      status: 'in_progress',
      assigneeAgentId: 'toast',
      body: 'Write sum(a, b) in src/sum.js with a test.',
      dispatchAttempts: 1,
      ...more,
    },
  );
export const aRequest = (details: Partial<MergeRequestDetails> = {}, more: Partial<Bead> = {}): Bead =>
  newBead(
    {
      townId,
      beadId: 'lib-mr1',
      title: 'Add a sum function',
      requestedBy: 'ada',
      createdBy: 'agent:toast',
      at,
      details: {
        type: 'merge_request',
        stage: 'new',
        sourceBeadId: 'lib-work',
        branch: 'gt/toast/lib-work',
        targetBranch: 'main',
        headSha: sha('a'),
        attempt: 1,
        gates: [],
        reworkRounds: 0,
        conflictRounds: 0,
        commits: [],
        ...details,
      },
    },
    { rigId, ...more },
  );
export const aMessage = (more: Partial<MayorMessage> = {}): MayorMessage => ({
  townId,
  userId: 'ada',
  messageId: '01JD5N0000000000000000MSG1',
  role: 'user',
  text: 'Please add statistics.',
  state: 'queued',
  at,
  version: 1,
  ...more,
});

export interface Contents {
  readonly town?: Town;
  readonly rigs?: readonly Rig[];
  readonly lease?: RuntimeLease;
  readonly agents?: readonly Agent[];
  readonly beads?: readonly Bead[];
  readonly messages?: readonly MayorMessage[];
  readonly more?: readonly Write[];
}
/** Fake ports whose store holds a town. */
export const townWith = async (contents: Contents = {}, ports: FakePorts = fakePorts()): Promise<FakePorts> => {
  const moment = { nowMs: ports.clock.nowMs(), stamp: 'stamp' };
  const writes: Write[] = [
    { put: 'town', item: contents.town ?? aTown(), when: 'none' },
    ...(contents.rigs ?? [aRig()]).map((item): Write => ({ put: 'rig', item, when: 'none' })),
    { put: 'lease', item: contents.lease ?? aLease(), when: 'none' },
    ...(contents.agents ?? []).map((item): Write => ({ put: 'agent', item, when: 'none' })),
    ...(contents.messages ?? []).flatMap((item): Write[] => [
      { put: 'mayorMessage', item, when: 'none' },
      {
        put: 'work',
        item: { townId, kind: 'mayor', workId: `${item.userId}#${item.messageId}`, dueAtMs: moment.nowMs, stamp: 's' },
        when: 'none',
      },
    ]),
    ...writesOf(
      (contents.beads ?? []).map((after) => ({ after })),
      undefined,
      moment,
    ),
    ...(contents.more ?? []),
  ];
  for (const write of writes) {
    const outcome = await ports.store.commit([write]);
    if (!outcome.ok) throw new Error(`the fixture does not fit: ${JSON.stringify(write)}`);
  }
  return ports;
};

export const identity = (more: Partial<AgentIdentity> = {}): AgentIdentity => ({
  townId,
  agentId: 'toast',
  epoch: 4,
  role: 'polecat',
  runtimeEpoch: 3,
  ...more,
});
export const beadIn = async (ports: FakePorts, beadId: string): Promise<Bead> => {
  const bead = await ports.store.get('bead', { townId, beadId });
  if (bead === undefined) throw new Error(`no bead ${beadId}`);
  return bead;
};
export const issueIn = async (ports: FakePorts, beadId: string): Promise<IssueDetails> => {
  const { details } = await beadIn(ports, beadId);
  if (details.type !== 'issue') throw new Error(`${beadId} is no issue`);
  return details;
};
export const agentIn = async (ports: FakePorts, agentId: string): Promise<Agent> => {
  const agent = await ports.store.get('agent', { townId, agentId });
  if (agent === undefined) throw new Error(`no agent ${agentId}`);
  return agent;
};
