// Whether what is on an agent's hook is its work. Pure.
import type { Agent } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { isIssue, isMergeRequest } from '../bead-writes.ts';

/** The hook is what the agent should be working on right now. */
export const hookIsGood = (agent: Agent, bead: Bead | undefined): boolean => {
  if (bead === undefined || bead.status !== 'in_progress' || bead.deletingAt !== undefined) return false;
  if (isIssue(bead)) return bead.assigneeAgentId === agent.agentId;
  if (!isMergeRequest(bead)) return false;
  const { review } = bead.details;
  return review !== undefined && review.verdict === undefined && review.refineryId === agent.agentId;
};
