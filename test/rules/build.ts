// Builders for rule tests: real-looking items with everything set, changed by what a test is about.
import type { Agent, AgentReport, ObservedAgent } from '../../functions/contracts/agent.schema.ts';
import type { Bead, BeadDetails, BeadOf } from '../../functions/contracts/bead.schema.ts';
import type { MergeRequestDetails } from '../../functions/contracts/merge-request.schema.ts';
import type { Command, RuntimeLease } from '../../functions/contracts/runner.schema.ts';
import type { MayorMessage, Rig, Town } from '../../functions/contracts/town.schema.ts';
import { defaultTimings } from '../../functions/contracts/timings.schema.ts';
import type { ReadyEntry, Train, WorkItem, WorkKind } from '../../functions/contracts/work.schema.ts';
import { readyEntryOf } from '../../functions/domain/bead-writes.ts';
import { isEscalation } from '../../functions/domain/escalations.ts';
import { newBead } from '../../functions/domain/new-bead.ts';
import type { Action, Plan } from '../../functions/domain/plan/action.ts';
import { plan } from '../../functions/domain/plan/plan.ts';
import type { Snapshot } from '../../functions/domain/plan/snapshot.ts';

export const nowMs = Date.parse('2026-11-21T10:00:00.000Z');
export const townId = 't-4f9k2m1q';
export const rigId = 'r-8d2k1m0p';
export const otherRigId = 'r-2b7c9d0e';
export const timings = defaultTimings;
export const iso = (offsetMs = 0): string => new Date(nowMs + offsetMs).toISOString();
export const sha = (digit: string): string => digit.repeat(40);

interface Limits {
  readonly maxPolecatsPerRig: number;
  readonly maxAgents: number;
  readonly maxDispatchAttempts: number;
}
export const aTown = (limits: Partial<Limits> = {}, more: Partial<Town> = {}): Town => ({
  townId,
  name: 'Harbour',
  ownerId: 'ada',
  version: 1,
  createdAt: iso(),
  updatedAt: iso(),
  config: {
    'models.default': { kind: 'scripted' },
    'merge.codeReview': true,
    'limits.maxPolecatsPerRig': limits.maxPolecatsPerRig ?? 5,
    'limits.maxAgents': limits.maxAgents ?? 20,
    'limits.maxDispatchAttempts': limits.maxDispatchAttempts ?? 5,
  },
  ...more,
});
export const aRig = (id: string = rigId): Rig => ({
  townId,
  rigId: id,
  name: 'web',
  gitUrl: 'https://example.com/web.git',
  defaultBranch: 'main',
  prefix: 'web',
  gates: [],
  version: 1,
  createdAt: iso(),
  updatedAt: iso(),
});

type IssueMore = Partial<Extract<BeadDetails, { type: 'issue' }>>;
export const anIssue = (beadId: string, more: Partial<Bead> = {}, details: IssueMore = {}): Bead => ({
  ...newBead(
    {
      townId,
      beadId,
      title: `Work ${beadId}`,
      requestedBy: 'ada',
      createdBy: 'user:ada',
      at: iso(),
      details: { type: 'issue', issueType: 'task', kind: 'work', commits: [], ...details },
    },
    { rigId, ...more },
  ),
  ...(more.updatedAt === undefined ? {} : { updatedAt: more.updatedAt }),
  ...(more.createdAt === undefined ? {} : { createdAt: more.createdAt }),
});
export const aRequest = (beadId: string, more: Partial<Bead> = {}, details: Partial<MergeRequestDetails> = {}): Bead => ({
  ...newBead(
    {
      townId,
      beadId,
      title: `Merge ${beadId}`,
      requestedBy: 'ada',
      createdBy: 'agent:toast',
      at: iso(),
      details: {
        type: 'merge_request',
        stage: 'new',
        sourceBeadId: 'web-src1',
        branch: 'gt/toast/web-src1',
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
  ),
  ...(more.updatedAt === undefined ? {} : { updatedAt: more.updatedAt }),
});
export const aConvoy = (beadId: string, memberIds: string[], staged = false): Bead =>
  newBead({
    townId,
    beadId,
    title: 'A batch',
    requestedBy: 'ada',
    createdBy: 'user:ada',
    at: iso(),
    details: {
      type: 'convoy',
      totalBeads: memberIds.length,
      closedBeads: 0,
      failedBeads: 0,
      mergeMode: 'review-and-merge',
      staged,
      memberIds,
    },
  });
export const aMail = (beadId: string, to: string, more: Partial<Bead> = {}): Bead =>
  newBead(
    {
      townId,
      beadId,
      title: 'Hello',
      requestedBy: 'ada',
      createdBy: 'user:ada',
      at: iso(),
      details: { type: 'message', from: 'user:ada', to },
    },
    more,
  );
export const anEscalation = (
  beadId: string,
  details: Partial<Extract<BeadDetails, { type: 'escalation' }>> = {},
): Bead & BeadOf<'escalation'> => {
  const bead = newBead(
    {
      townId,
      beadId,
      title: 'The merge needs a person',
      requestedBy: 'ada',
      createdBy: 'patrol:B5',
      at: iso(),
      details: { type: 'escalation', severity: 'medium', category: 'failed', source: 'patrol:B5', ...details },
    },
    { body: 'It could not be merged.' },
  );
  if (!isEscalation(bead)) throw new Error(`${beadId} is no escalation`);
  return bead;
};

export const anAgent = (agentId: string, more: Partial<Agent> = {}): Agent => ({
  townId,
  agentId,
  name: agentId,
  role: 'polecat',
  rigId,
  state: 'idle',
  epoch: 1,
  version: 1,
  createdAt: iso(),
  updatedAt: iso(),
  ...more,
});
/** A live agent with a bead on its hook. */
export const hooked = (agentId: string, hookBeadId: string, more: Partial<Agent> = {}): Agent =>
  anAgent(agentId, { state: 'working', hookBeadId, slot: `${rigId}#1`, startedAt: iso(), ...more });
export const aReport = (agent: Agent, observed: Partial<ObservedAgent>, receivedAtMs = nowMs): AgentReport => ({
  townId,
  agentId: agent.agentId,
  runtimeEpoch: 3,
  reportSeq: 9,
  receivedAtMs,
  observed: { agentId: agent.agentId, epoch: agent.epoch, state: 'working', activeTools: [], deliveredPromptIds: [], ...observed },
});
export const aLease = (more: Partial<RuntimeLease> = {}): RuntimeLease => ({
  townId,
  state: 'live',
  runtimeEpoch: 3,
  runtimeRef: 'pid-1',
  reportSeq: 9,
  lastReportAtMs: nowMs,
  startedAtMs: nowMs - 3_600_000,
  startFailures: 0,
  version: 1,
  updatedAt: iso(),
  ...more,
});
export const aCommand = (commandId: string, more: Partial<Command> = {}): Command => ({
  townId,
  commandId,
  payload: { kind: 'check-rig', rigId },
  state: 'queued',
  deadlineAtMs: nowMs + 600_000,
  token: 'token-1',
  tokenTaken: false,
  version: 1,
  createdAt: iso(),
  updatedAt: iso(),
  ...more,
});
export const aMessage = (more: Partial<MayorMessage> = {}): MayorMessage => ({
  townId,
  userId: 'ada',
  messageId: '01KAJ000000000000000000001',
  role: 'user',
  text: 'Hello',
  state: 'queued',
  at: iso(),
  version: 1,
  ...more,
});
export const aTrain = (more: Partial<Train> = {}): Train => ({
  townId,
  rigId,
  targetBranch: 'main',
  run: 1,
  queued: [],
  version: 1,
  updatedAt: iso(),
  ...more,
});
export const work = (kind: WorkKind, workId: string, more: Partial<WorkItem> = {}): WorkItem => ({
  townId,
  kind,
  workId,
  dueAtMs: nowMs,
  stamp: `${kind}-${workId}`,
  ...more,
});

export const entryOf = (bead: Bead): ReadyEntry => {
  const entry = readyEntryOf(bead);
  if (entry === undefined) throw new Error(`${bead.beadId} has no ready entry`);
  return entry;
};
/** Beads in their ready queues, with the queues' work items. */
export const queued = (beads: readonly Bead[]): Pick<Snapshot, 'ready'> & { work: WorkItem[] } => {
  const heads = new Map<string, { rigId: string; queue: string; entries: ReadyEntry[] }>();
  for (const bead of beads) {
    const entry = entryOf(bead);
    const key = `${entry.rigId}#${entry.queue}`;
    const head = heads.get(key) ?? { rigId: entry.rigId, queue: entry.queue, entries: [] };
    head.entries.push(entry);
    head.entries.sort((one, other) => (one.order < other.order ? -1 : 1));
    heads.set(key, head);
  }
  return { ready: [...heads.values()], work: [...heads.keys()].map((key) => work('queue', key)) };
};

export const aSnapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  town: aTown(),
  rigs: [aRig(), aRig(otherRigId)],
  work: [],
  agents: [],
  reports: [],
  slots: [],
  trains: [],
  beads: [],
  ready: [],
  commands: [],
  mayorMessages: [],
  ...more,
});
export const planOf = (more: Partial<Snapshot>, atMs = nowMs): Plan => plan(aSnapshot(more), atMs, timings);
/** `rule kind subject` of each action; that a quiet town lets its items rest (W2) is no answer to what a test asks. */
export const said = ({ actions }: Plan): string[] =>
  actions.filter(({ kind }) => kind !== 'rest-work').map((action) => `${action.rule} ${action.kind} ${action.subject}`);
export const ofKind = <K extends Action['kind']>({ actions }: Plan, kind: K): Extract<Action, { kind: K }>[] =>
  actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
