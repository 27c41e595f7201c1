// Tools of the Mayor: look, sling, watch. They use the same operations as the REST API, for the person whose message is being worked on.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { BeadStatus } from '../contracts/bead.schema.ts';
import type { tools } from '../contracts/tools.schema.ts';
import { counted } from '../domain/words.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { currentMayorMessage, requesterOf } from '../operations/requester.ts';
import { slingBatch } from '../operations/sling-batch.ts';
import { slingOne } from '../operations/sling.ts';
import { visibleOf } from '../operations/visible.ts';
import type { Ports } from '../ports.ts';
import { beadRow, convoyData, slungSentence } from './convoy-answers.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends keyof typeof tools> = z.output<(typeof tools)[N]['input']>;
const statuses: readonly BeadStatus[] = ['in_progress', 'in_review', 'open', 'closed', 'failed'];
const listed = 20;

export const listRigs = async (ports: Ports, caller: AgentIdentity): Promise<ToolAnswer> => {
  const rigs = await ports.store.rigsOf(caller.townId);
  return {
    data: {
      rigs: rigs.map((rig) => ({
        id: rig.rigId,
        name: rig.name,
        default_branch: rig.defaultBranch,
        gates: rig.gates.map((gate) => gate.command),
      })),
    },
    sentence:
      rigs.length === 0
        ? 'No repository is connected yet: ask the person to connect one.'
        : `${counted(rigs.length, 'rig')}. Use the id as rig_id.`,
  };
};

export const listBeads = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_list_beads'>): Promise<ToolAnswer> => {
  const limit = input.limit ?? listed;
  const wanted = input.status === undefined ? statuses : [input.status];
  const pages = await Promise.all(
    wanted.map((status) => ports.store.beadsBy({ townId: caller.townId, type: 'issue', status }, { limit: 50 })),
  );
  const all = await visibleOf(
    ports,
    caller.townId,
    pages.flatMap((page) => page.items),
  );
  const beads = all
    .filter((bead) => input.rig_id === undefined || bead.rigId === input.rig_id)
    .toSorted((one, other) => (one.updatedAt > other.updatedAt ? -1 : 1))
    .slice(0, limit);
  return { data: { beads: beads.map(beadRow) }, sentence: `${counted(beads.length, 'bead')}, newest change first.` };
};

/** The same call for the same message is one act: a repetition after a lost answer finds what it made. */
export const onceKey = async (ports: Ports, caller: AgentIdentity, name: string, input: unknown): Promise<string | undefined> => {
  const message = await currentMayorMessage(ports, caller.townId);
  if (message === undefined) return undefined;
  return `mayor-${message.messageId}-${createHash('sha256')
    .update(JSON.stringify([name, input]))
    .digest('hex')
    .slice(0, 32)}`;
};

export const sling = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_sling'>): Promise<ToolAnswer> => {
  await agentOf(ports, caller);
  const [userId, idempotencyKey] = await Promise.all([requesterOf(ports, caller.townId), onceKey(ports, caller, 'gt_sling', input)]);
  const bead = await slingOne(ports, {
    townId: caller.townId,
    userId,
    actor: `agent:${caller.agentId}`,
    idempotencyKey,
    input: {
      rigId: input.rig_id,
      title: input.title,
      body: input.body,
      kind: input.kind ?? 'work',
      issueType: 'task',
      labels: input.labels ?? [],
      metadata: input.metadata ?? {},
      dependsOn: input.depends_on ?? [],
      ...(input.dependencies === undefined
        ? {}
        : {
            dependencies: input.dependencies.map(({ bead_id: dependsOnId, type = 'blocks', gate }) => ({
              dependsOnId,
              type,
              ...(gate === undefined ? {} : { gate }),
            })),
          }),
      ...(input.parent_id === undefined ? {} : { parentId: input.parent_id }),
      priority: input.priority ?? 'medium',
      ...(input.persona === undefined ? {} : { personaId: input.persona }),
      formula: input.formula,
      variables: input.variables,
      molecule: input.molecule,
    },
  });
  return {
    data: beadRow(bead),
    sentence:
      bead.openBlockers > 0
        ? `${bead.beadId} waits for ${counted(bead.openBlockers, 'bead')} to be merged.`
        : `${bead.beadId} is slung; a polecat picks it up by itself. Do not wait for it.`,
  };
};

export const batch = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_sling_batch'>): Promise<ToolAnswer> => {
  await agentOf(ports, caller);
  const [userId, idempotencyKey] = await Promise.all([requesterOf(ports, caller.townId), onceKey(ports, caller, 'gt_sling_batch', input)]);
  const view = await slingBatch(ports, {
    townId: caller.townId,
    userId,
    actor: `agent:${caller.agentId}`,
    idempotencyKey,
    input: {
      title: input.convoy_title,
      ...(input.rig_id === undefined ? {} : { rigId: input.rig_id }),
      tasks: input.tasks.map((task) => ({
        title: task.title,
        body: task.body,
        dependsOn: task.depends_on ?? [],
        priority: task.priority ?? 'medium',
        ...(task.rig_id === undefined ? {} : { rigId: task.rig_id }),
        ...(task.persona === undefined ? {} : { personaId: task.persona }),
      })),
      parallel: input.parallel ?? false,
      ...(input.merge_mode === undefined ? {} : { mergeMode: input.merge_mode }),
      ...(input.staged === undefined ? {} : { staged: input.staged }),
      ...(input.series === undefined ? {} : { series: input.series }),
      ...(input.budget_usd === undefined ? {} : { budgetUsd: input.budget_usd }),
    },
  });
  return {
    data: convoyData(view),
    sentence: slungSentence(view),
  };
};
