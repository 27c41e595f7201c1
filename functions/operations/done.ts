// gt_done: the polecat's bead moves on, the agent is free, in one transaction. Only a push that the runner has seen counts.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { PullRequestWatch } from '../contracts/pull-request-watch.schema.ts';
import type { Rig } from '../contracts/town.schema.ts';
import { withRecord } from '../domain/agent-cv.ts';
import { isCrew, unhooked } from '../domain/agent-state.ts';
import { isIssue, isMergeRequest, writesOf } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { checkDone } from '../domain/done-check.ts';
import { pullRequestNamed } from '../domain/merge/pull-request-address.ts';
import { newBead, newEvent } from '../domain/new-bead.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { MergeRequestBead } from '../domain/prompts/refinery.ts';
import { isFinal, revised, transition } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { agentOf, hookOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { branchOf } from './assignments.ts';
import { withHostPush } from './crew-push.ts';
import { moleculeAtDone } from './molecule-done.ts';
import { isoNow, momentOf, transact } from './transact.ts';
import type { Decision } from './transact.ts';

export interface DoneInput {
  readonly branch: string;
  readonly commit?: string | undefined;
  /** A pull request of this branch that is there already. */
  readonly pullRequestUrl?: string | undefined;
  readonly summary: string;
}
export interface DoneResult {
  readonly accepted: true;
  readonly beadId?: string;
  readonly status?: Bead['status'];
  readonly mergeRequestId?: string;
  readonly sentence: string;
}
interface Scene {
  readonly ports: Ports;
  readonly agent: Agent;
  readonly bead: IssueBead;
  readonly input: DoneInput;
  readonly headSha: string | undefined;
  /** Its molecule, which ends with it. */
  readonly molecule: readonly BeadChange[];
  readonly at: string;
}

const idLength = 5;

/** The agent without hook and its slot freed. */
export const releaseWrites = (agent: Agent, at: string): Write[] => [
  { put: 'agent', item: unhooked(agent, at), when: { equals: { version: agent.version } } },
  ...(agent.slot === undefined ? [] : [{ remove: 'slot', key: { townId: agent.townId, slotId: agent.slot }, when: 'none' } as const]),
];

const moved = (bead: Bead, status: 'in_review' | 'closed', at: string): Bead => {
  const result = transition(bead, { status }, at);
  if (!result.ok) throw conflict(result.message, result.allowed);
  return result.bead;
};

const decide = (scene: Scene, changes: readonly BeadChange[], result: DoneResult): Decision<DoneResult> => {
  const { ports, agent, bead, at } = scene;
  const event = newEvent(
    { townId: bead.townId, eventId: ports.ids.ulid(), type: 'done', actor: `agent:${agent.agentId}`, at },
    {
      beadId: bead.beadId,
      agentId: agent.agentId,
      old: 'in_progress',
      new: result.status ?? 'closed',
      ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
      ...(bead.details.convoyId === undefined ? {} : { convoyId: bead.details.convoyId }),
      data: {
        summary: scene.input.summary.slice(0, 1000),
        ...(result.mergeRequestId === undefined ? {} : { mergeRequestId: result.mergeRequestId }),
      },
    },
  );
  // Its own history is written with it, at no cost of its own.
  const finished = withRecord(
    agent,
    bead.details.kind === 'work' || bead.details.kind === 'no-code' ? 'done' : 'repairs',
    ports.clock.nowMs(),
    bead.details.pushed?.languages,
  );
  return { writes: writesOf([...changes, ...scene.molecule], event, momentOf(ports), releaseWrites(finished, at)), result };
};

/** The pull request that the agent names; whether it is this work's is looked at on the host. Throws 409 for one of another repository. */
const claimed = (rig: Rig, url: string | undefined): { readonly pullRequest?: PullRequestWatch } => {
  if (url === undefined) return {};
  const named = pullRequestNamed(url, rig);
  if (!named.ok) throw conflict(`${named.message} Call gt_done again without pr_url: the town opens one itself.`);
  return { pullRequest: { ref: named.ref, claimed: true, entries: [], feedbackRounds: 0, badPolls: 0 } };
};

/** New work: in_review, with its merge request. */
const submitWork = (scene: Scene, rig: Rig, headSha: string): Decision<DoneResult> => {
  const { ports, agent, bead, input, at } = scene;
  const mergeRequestId = `${rig.prefix}-${ports.ids.base36(idLength)}`;
  const targetBranch = bead.details.targetBranch ?? rig.defaultBranch;
  const branch = branchOf(agent, bead);
  const request = newBead(
    {
      townId: bead.townId,
      beadId: mergeRequestId,
      title: bead.title,
      requestedBy: bead.requestedBy,
      createdBy: `agent:${agent.agentId}`,
      at,
      details: {
        type: 'merge_request',
        stage: 'new',
        sourceBeadId: bead.beadId,
        branch,
        targetBranch,
        headSha,
        attempt: 1,
        gates: [],
        reworkRounds: 0,
        conflictRounds: 0,
        commits: bead.details.commits,
        ...(bead.details.convoyId === undefined ? {} : { convoyId: bead.details.convoyId }),
        ...claimed(rig, input.pullRequestUrl),
      },
    },
    { rigId: rig.rigId, priority: bead.priority, body: input.summary, parentId: bead.beadId },
  );
  const after: Bead = {
    ...moved(bead, 'in_review', at),
    details: { ...bead.details, branch, targetBranch, doneSummary: input.summary, latestMergeRequestId: mergeRequestId },
  };
  return decide(scene, [{ before: bead, after }, { after: request }], {
    accepted: true,
    beadId: bead.beadId,
    status: 'in_review',
    mergeRequestId,
    sentence: `Accepted: ${bead.beadId} is in review as merge request ${mergeRequestId}. Your hook is empty; end your turn now.`,
  });
};

/** Rework, conflict and the like: closed, and the request that they repair stands at the pushed commit. */
const closeRepair = (scene: Scene, request: MergeRequestBead | undefined): Decision<DoneResult> => {
  const { bead, input, headSha, at } = scene;
  const closed: Bead = { ...moved(bead, 'closed', at), details: { ...bead.details, doneSummary: input.summary } };
  const changes: BeadChange[] = [{ before: bead, after: closed }];
  if (request !== undefined && headSha !== undefined && !isFinal(request.status)) {
    changes.push({ before: request, after: revised(request, { details: { ...request.details, headSha } }, at) });
  }
  return decide(scene, changes, {
    accepted: true,
    beadId: bead.beadId,
    status: 'closed',
    sentence: `Accepted: ${bead.beadId} is closed. Your hook is empty; end your turn now.`,
  });
};

const requestOf = async (ports: Ports, bead: IssueBead): Promise<MergeRequestBead | undefined> => {
  if (bead.details.mergeRequestId === undefined) return undefined;
  const request = await ports.store.get('bead', { townId: bead.townId, beadId: bead.details.mergeRequestId });
  return request !== undefined && isMergeRequest(request) ? request : undefined;
};

type Wait = (ms: number) => Promise<unknown>;
/** The bead on the caller's hook. What a crew agent pushed was not seen by the runner yet: it looks at the host. */
const handedIn = async (ports: Ports, caller: AgentIdentity, input: DoneInput, wait?: Wait): Promise<{ agent: Agent; bead: IssueBead }> => {
  const { agent, bead } = await hookOf(ports, caller);
  if (!isIssue(bead) || bead.assigneeAgentId !== agent.agentId)
    throw conflict(`Bead ${bead.beadId} is not assigned to you. End your turn.`);
  const branch = branchOf(agent, bead);
  if (!isCrew(agent) || bead.details.kind === 'no-code' || input.branch !== branch) return { agent, bead };
  const { commit } = input;
  if (commit === undefined) throw conflict(`Name the commit that you pushed to ${branch}: call gt_done again with commit.`);
  const rig = await ports.store.get('rig', { townId: bead.townId, rigId: bead.rigId ?? '' });
  const defaultBranch = rig?.defaultBranch ?? 'main';
  const targetBranch = bead.details.targetBranch ?? defaultBranch;
  return { agent, bead: await withHostPush(ports, { bead, branch, targetBranch, defaultBranch, commit, epoch: agent.epoch }, wait) };
};

const judge = async (
  ports: Ports,
  { agent, bead }: { readonly agent: Agent; readonly bead: IssueBead },
  input: DoneInput,
): Promise<Decision<DoneResult>> => {
  const request = await requestOf(ports, bead);
  const check = checkDone(bead, branchOf(agent, bead), input, request);
  if (!check.ok) throw conflict(check.message);
  const molecule = await moleculeAtDone(ports, bead);
  const scene: Scene = { ports, agent, bead, input, headSha: check.headSha, molecule, at: isoNow(ports) };
  if (bead.details.kind !== 'work' || check.headSha === undefined) return closeRepair(scene, request);
  const rig = bead.rigId === undefined ? undefined : await ports.store.get('rig', { townId: bead.townId, rigId: bead.rigId });
  if (rig === undefined) throw conflict(`The rig of ${bead.beadId} is not connected any more. Call gt_escalate.`);
  return submitWork(scene, rig, check.headSha);
};

/** Errors: 409 with a sentence that says what is missing. A repetition after success is a success. `wait` is for tests. */
export const done = async (ports: Ports, caller: AgentIdentity, input: DoneInput, wait?: Wait): Promise<DoneResult> => {
  const agent = await agentOf(ports, caller);
  if (agent.hookBeadId === undefined)
    return { accepted: true, sentence: 'Nothing is on your hook any more: your bead was handed in before. End your turn now.' };
  return transact(ports, 'The bead', async () => judge(ports, await handedIn(ports, caller, input, wait), input));
};
