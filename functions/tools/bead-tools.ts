// Tools that change beads. They use the same operations as the REST API.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { tools } from '../contracts/tools.schema.ts';
import { counted } from '../domain/words.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { archiveClosed } from '../operations/archive.ts';
import { updateBead } from '../operations/bead-fields.ts';
import type { Act } from '../operations/bead-fields.ts';
import { bulk } from '../operations/bulk.ts';
import { deleteBead } from '../operations/delete-bead.ts';
import { addDependency, removeDependency } from '../operations/dependencies.ts';
import { closeForAgent, recordDiscovery } from '../operations/discovered.ts';
import { agentViews } from '../operations/lists.ts';
import { retryBead } from '../operations/retry.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { beadOf } from '../operations/access.ts';
import { explainedBlockers } from './blockers.ts';
import { beadRow } from './convoy-answers.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends keyof typeof tools> = z.output<(typeof tools)[N]['input']>;

const actOf = async (ports: Ports, caller: AgentIdentity, beadId: string): Promise<Act> => {
  await agentOf(ports, caller);
  return { townId: caller.townId, beadId, actor: `agent:${caller.agentId}` };
};

/** What the bead waits for now, as the answer of everything that changes it. */
const waiting = async (ports: Ports, act: Act): Promise<ToolAnswer> => {
  const bead = await beadOf(ports, act.townId, act.beadId);
  const blockers = await explainedBlockers(ports, bead);
  return {
    data: { ...beadRow(bead), waits_for: blockers },
    sentence:
      blockers.length === 0
        ? `${bead.beadId} waits for nothing${bead.held ? ', but it is held' : ''}.`
        : `${bead.beadId} waits for ${blockers.map((blocker) => `${blocker.id} (${blocker.status})`).join(', ')}.`,
  };
};

export const createFound = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_create'>): Promise<ToolAnswer> => {
  const text = JSON.stringify([caller.agentId, caller.epoch, input]);
  const key = `found-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  const { title, body, issue_type: issueType = 'task', priority = 'medium', labels = [] } = input;
  const bead = await recordDiscovery(ports, caller, { title, body, issueType, priority, labels }, key);
  return { data: beadRow(bead), sentence: `Recorded as ${bead.beadId}; the Mayor or a person decides about it. Go on with your own bead.` };
};

export const closeOne = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_close'>): Promise<ToolAnswer> => {
  const bead = await closeForAgent(ports, caller, input.bead_id, input.reason);
  return { data: beadRow(bead), sentence: `${bead.beadId} is closed; what waited for it goes on by itself.` };
};

export const update = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_update'>): Promise<ToolAnswer> => {
  const act = await actOf(ports, caller, input.bead_id);
  const { bead_id: _id, depends_on: dependsOn, issue_type: issueType, parent_id: parentId, ...patch } = input;
  await updateBead(ports, {
    ...act,
    patch: {
      ...patch,
      dependsOn,
      ...(issueType === undefined ? {} : { issueType }),
      ...(parentId === undefined ? {} : { parentId: parentId === 'none' ? null : parentId }),
    },
  });
  return waiting(ports, act);
};

export const depend = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_add_dependency'>): Promise<ToolAnswer> => {
  const act = await actOf(ports, caller, input.bead_id);
  const { depends_on: dependsOnId, type = 'blocks', gate } = input;
  await addDependency(ports, { ...act, input: { dependsOnId, type, gate } });
  return waiting(ports, act);
};

export const undepend = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_remove_dependency'>): Promise<ToolAnswer> => {
  const act = await actOf(ports, caller, input.bead_id);
  await removeDependency(ports, { ...act, dependsOnId: input.depends_on, type: input.type });
  return waiting(ports, act);
};

export const reassign = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_reassign'>): Promise<ToolAnswer> => {
  const agent = input.agent === undefined || input.agent === 'anybody' ? null : input.agent;
  const act = await actOf(ports, caller, input.bead_id);
  const bead = await updateBead(ports, { ...act, patch: { assigneeAgentId: agent } });
  return { data: beadRow(bead), sentence: `${bead.beadId} is back in its queue, for ${agent ?? 'anybody else'} if free.` };
};

export const remove = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_delete'>): Promise<ToolAnswer> => {
  const { deleting, beads } = await deleteBead(ports, { ...(await actOf(ports, caller, input.bead_id)), force: input.force ?? false });
  return { data: { deleting, beads }, sentence: `${deleting} is being removed (${counted(beads, 'bead')}); nobody sees it any more.` };
};

export const archive = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_archive'>): Promise<ToolAnswer> => {
  const { townId, actor } = await actOf(ports, caller, '');
  const { bead_ids: ids, all_closed: everything = false, take_back: back = false } = input;
  if (everything && (back || ids !== undefined)) throw unprocessable('all_closed stands alone: leave bead_ids and take_back out');
  if (everything) {
    await archiveClosed(ports, { townId, actor });
    return { data: { started: true }, sentence: 'What is closed goes to the archive, step by step.' };
  }
  if (ids === undefined) throw unprocessable('Say which: bead_ids, or all_closed: true');
  const { items } = await bulk(ports, { townId, actor, input: { action: back ? 'unarchive' : 'archive', ids } });
  const done = items.filter((item) => item.ok).length;
  const refused = items.filter((item) => !item.ok).map((item) => ({ id: item.beadId, why: item.message }));
  return {
    data: { done, ...(refused.length === 0 ? {} : { refused }) },
    sentence: `${counted(done, 'bead')} ${back ? 'taken back' : 'put away'}${refused.length === 0 ? '' : `, ${refused.length} not`}.`,
  };
};

export const retry = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_bead_retry'>): Promise<ToolAnswer> => {
  const bead = await retryBead(ports, await actOf(ports, caller, input.bead_id));
  return {
    data: { ...beadRow(bead), supersedes: bead.supersedes },
    sentence: `${bead.beadId} takes the place of ${input.bead_id}, also for what waits for it. Do not wait for it.`,
  };
};

export const listAgents = async (ports: Ports, caller: AgentIdentity): Promise<ToolAnswer> => {
  const views = await agentViews(ports, caller.townId);
  return {
    data: {
      agents: views.map(({ agent, report, hookTitle }) => ({
        id: agent.agentId,
        name: agent.name,
        role: agent.role,
        state: agent.state,
        rig_id: agent.rigId,
        bead: agent.hookBeadId,
        title: hookTitle,
        status: agent.statusLine?.text,
        last_activity_s:
          report?.observed.lastActivityAtMs === undefined
            ? undefined
            : Math.max(0, Math.round((ports.clock.nowMs() - report.observed.lastActivityAtMs) / 1000)),
      })),
    },
    sentence: `${counted(views.length, 'agent')}, busy ones first.`,
  };
};
