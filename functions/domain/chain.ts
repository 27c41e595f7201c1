// Serial reuse: which conversation and workspace the next bead of a chain goes on with. Pure.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { IssueDetails } from '../contracts/issue.schema.ts';
import { isIssue } from './bead-writes.ts';
import type { IssueBead } from './prompts/polecat.ts';
import { servedBeadId } from './spending/usage.ts';

export type Chain = NonNullable<IssueDetails['chain']>;

/** Beads that one conversation serves at most; the next one begins anew, so that no conversation grows without end. */
export const mostBeadsOfConversation = 5;

export interface NextBead {
  readonly bead: IssueBead;
  readonly agentId: string;
  /** The bead of its convoy that was given out before it, where one agent works them all. */
  readonly series?: { readonly afterBeadId?: string | undefined } | undefined;
}

/** Beads after which this one comes: what it waited for last, and what came before it in a series. */
const predecessors = ({ bead, series }: NextBead): string[] => [bead.details.followsBeadId ?? [], series?.afterBeadId ?? []].flat();

/** Whether it is worth reading what the agent worked on last. */
export const mayGoOn = (next: NextBead, agent: Agent | undefined): agent is Agent & { lastBeadId: string } =>
  agent?.lastBeadId !== undefined && next.bead.details.chain?.agentId !== next.agentId && predecessors(next).length > 0;

/**
 * The chain in which the bead is worked by this agent. A bead that comes back to its agent keeps what it had. Otherwise it goes on with the
 * agent's last conversation only when that one was about its predecessor, in the same repository, for the same person and with the same persona.
 */
export const chainFor = (next: NextBead, last: Bead | undefined): Chain | undefined => {
  const { bead, agentId, series } = next;
  const mark = series === undefined ? {} : ({ series: true } as const);
  const own = bead.details.chain;
  if (own?.agentId === agentId) return { ...own, ...mark };
  const alone: Chain | undefined = series === undefined ? undefined : { agentId, beadId: bead.beadId, length: 1, ...mark };
  if (last === undefined || !isIssue(last) || !predecessors(next).includes(servedBeadId(last))) return alone;
  if (last.rigId !== bead.rigId || last.requestedBy !== bead.requestedBy || last.details.personaId !== bead.details.personaId) return alone;
  const known = last.details.chain?.agentId === agentId ? last.details.chain : { beadId: last.beadId, length: 1 };
  if (known.length >= mostBeadsOfConversation) return alone;
  return { agentId, beadId: known.beadId, afterBeadId: servedBeadId(last), length: known.length + 1, ...mark };
};
