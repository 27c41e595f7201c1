// What working agents may do to beads beside their own: record work that they found, and close what they recorded.
import type { Bead } from '../contracts/bead.schema.ts';
import type { Priority } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';
import { conflict, forbidden } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { agentOf, hookOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { closeBead } from './beads.ts';
import { slingOne } from './sling.ts';

export interface Discovery {
  readonly title: string;
  readonly body: string;
  readonly issueType: string;
  readonly priority: Priority;
  readonly labels: readonly string[];
}

/** A held bead in the rig of the caller, linked to the one on its hook and charged to the same person. Throws 409 without a hook. */
export const recordDiscovery = async (ports: Ports, caller: AgentIdentity, found: Discovery, idempotencyKey: string): Promise<Bead> => {
  const { bead } = await hookOf(ports, caller);
  if (bead.rigId === undefined)
    throw conflict(`${bead.beadId} belongs to no rig, so nothing can be recorded beside it. Mail it to role:mayor.`);
  const { title, body, issueType, priority } = found;
  return slingOne(ports, {
    townId: caller.townId,
    userId: bead.requestedBy,
    actor: `agent:${caller.agentId}`,
    held: true,
    discoveredFrom: bead.beadId,
    idempotencyKey,
    input: { rigId: bead.rigId, title, body, kind: 'work', issueType, labels: [...found.labels], metadata: {}, dependsOn: [], priority },
  });
};

/** Closes a bead for an agent: the Mayor any, workers only an open one that they recorded. Throws 403, 404, 409. */
export const closeForAgent = async (ports: Ports, caller: AgentIdentity, beadId: string, reason: string | undefined): Promise<Bead> => {
  const agent = await agentOf(ports, caller);
  const actor = `agent:${caller.agentId}` as const;
  if (caller.role !== 'mayor') {
    if (agent.hookBeadId === beadId) throw conflict(`${beadId} is on your hook: say gt_done when it is finished.`, ['gt_done']);
    const bead = await beadOf(ports, caller.townId, beadId);
    if (bead.createdBy !== actor)
      throw forbidden(`${beadId} was not recorded by you. Mail to role:mayor what you know about it; the Mayor can close it.`);
    if (bead.status === 'in_progress') throw conflict(`${beadId} is being worked on by ${bead.assigneeAgentId ?? 'another agent'}.`, []);
  }
  return closeBead(ports, { townId: caller.townId, beadId, actor, reason });
};
