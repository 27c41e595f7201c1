// The runner asks before it lets an agent push, and says afterwards what the host has. `gt_done` believes only what is written here.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Commit } from '../contracts/commit.schema.ts';
import type { PushCheckRequest, RuntimeLease } from '../contracts/runner.schema.ts';
import { pathInputSchema } from '../contracts/search.schema.ts';
import { isCrew, isLive, isParked } from '../domain/agent-state.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import { languagesOf } from '../domain/languages.ts';
import { namedFiles } from '../domain/search/document.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import { revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { branchOf } from './assignments.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface PushAnswer {
  allowed: boolean;
  reason: string;
}
type After = Extract<PushCheckRequest, { phase: 'after' }>;
/** A quarter of what an item of the table may hold. */
const commitsBytes = 100 * 1024;
const commitsKept = 50;

/** Paths that search can name. */
const pathsOf = ({ changedPaths = [] }: After): string[] => changedPaths.filter((path) => pathInputSchema.safeParse(path).success);

const refused = (reason: string): PushAnswer => ({ allowed: false, reason });

/** The bead that the push is for, or the sentence that git shows to the agent. */
const judge = (agent: Agent | undefined, bead: Bead | undefined, request: PushCheckRequest): IssueBead | string => {
  if (agent === undefined || agent.epoch !== request.epoch)
    return 'You have been replaced: a newer run of this agent holds the bead. Stop working.';
  if (isCrew(agent)) return 'This agent runs on its own machine and pushes to the host itself.';
  if (!(isLive(agent) || isParked(agent)) || agent.hookBeadId === undefined)
    return 'Nothing is on your hook, so there is nothing to push for.';
  if (bead === undefined || !isIssue(bead) || bead.status !== 'in_progress' || bead.assigneeAgentId !== agent.agentId)
    return `Bead ${agent.hookBeadId} is not yours to work on now.`;
  if (bead.details.kind === 'no-code') return `Bead ${bead.beadId} needs no code; nothing may be pushed for it.`;
  if (bead.rigId !== request.rigId) return `Bead ${bead.beadId} belongs to another rig.`;
  const branch = branchOf(agent, bead);
  return branch === request.branch ? bead : `You may push to ${branch} only: git push origin HEAD:${branch}`;
};

/** Newest last; a commit is named once. The oldest go where all together would make the bead too large to be stored. */
export const mergedCommits = (known: readonly Commit[], more: readonly Commit[]): Commit[] => {
  const newest = [...new Map([...known, ...more].map((commit) => [commit.sha, commit])).values()].slice(-commitsKept).toReversed();
  let bytes = 0;
  const fitting = newest.filter((commit) => {
    bytes += Buffer.byteLength(JSON.stringify(commit));
    return bytes <= commitsBytes;
  });
  return fitting.toReversed();
};

const read = async (ports: Ports, townId: string, request: PushCheckRequest): Promise<IssueBead | string> => {
  const agent = await ports.store.get('agent', { townId, agentId: request.agentId });
  const bead = agent?.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId, beadId: agent.hookBeadId });
  return judge(agent, bead, request);
};

const record = (ports: Ports, townId: string, request: After): Promise<PushAnswer> =>
  transact<PushAnswer>(ports, 'The bead', async () => {
    const bead = await read(ports, townId, request);
    if (typeof bead === 'string') return { writes: [], result: refused(bead) };
    const known = bead.details.pushed;
    const result = { allowed: true, reason: `recorded: ${request.sha} on ${request.branch}` };
    if (known?.sha === request.sha && known.epoch === request.epoch && known.aheadBy === request.aheadBy) return { writes: [], result };
    const at = isoNow(ports);
    const languages = languagesOf(request.changedPaths ?? []);
    const pushed = {
      sha: request.sha,
      baseSha: request.baseSha,
      aheadBy: request.aheadBy,
      epoch: request.epoch,
      at,
      ...(Object.keys(languages).length === 0 ? {} : { languages }),
    };
    const files = namedFiles(pathsOf(request));
    const details = {
      ...bead.details,
      branch: request.branch,
      baseSha: bead.details.baseSha ?? request.baseSha,
      pushed,
      commits: mergedCommits(bead.details.commits, request.commits),
    };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor: `agent:${request.agentId}`, at },
      {
        beadId: bead.beadId,
        agentId: request.agentId,
        rigId: request.rigId,
        new: request.sha,
        data: { field: 'pushed', branch: request.branch, aheadBy: request.aheadBy, ...(files.length === 0 ? {} : { files }) },
      },
    );
    return { writes: writesOf([{ before: bead, after: revised(bead, { details }, at) }], event, momentOf(ports)), result };
  });

/** Who was in which folder. A push is not refused because search cannot be told; the next one to the same folders tells it. */
const noteFolders = async (ports: Ports, townId: string, request: After): Promise<void> => {
  const { agentId, rigId } = request;
  const files = pathsOf(request);
  const agent = await ports.store.get('agent', { townId, agentId });
  if (files.length === 0 || agent?.hookBeadId === undefined) return;
  try {
    await ports.search.touch({ townId, rigId, files, at: isoNow(ports), by: { beadId: agent.hookBeadId, agentId } });
  } catch (error) {
    ports.log.warn('touch_failed', { townId, error: error instanceof Error ? error.name : 'unknown' });
  }
};

/** `before`: may this agent, in this epoch, update this ref? `after`: what the host has now, stored on the bead. Never throws for a refusal. */
export const pushCheck = async (ports: Ports, lease: RuntimeLease, request: PushCheckRequest): Promise<PushAnswer> => {
  if (request.phase === 'after') {
    const answer = await record(ports, lease.townId, request);
    if (answer.allowed) await noteFolders(ports, lease.townId, request);
    return answer;
  }
  const bead = await read(ports, lease.townId, request);
  return typeof bead === 'string' ? refused(bead) : { allowed: true, reason: `bead ${bead.beadId}` };
};
