// The refinery's verdict: stored on the request first, then given to the merge execution that waits for it. A rule sends it again if it was not taken.
import type { Verdict } from '../contracts/merge-request.schema.ts';
import type { Finding } from '../contracts/pull-request-watch.schema.ts';
import { isMergeRequest, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { hookOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { releaseWrites } from './done.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface VerdictInput {
  readonly outcome: Verdict['outcome'];
  readonly summary: string;
  readonly files?: readonly string[] | undefined;
  readonly comments?: readonly Finding[] | undefined;
  readonly score?: number | undefined;
}
interface Stored {
  readonly requestId: string;
  readonly token: string;
  readonly verdict: Verdict;
}

const store = (ports: Ports, caller: AgentIdentity, input: VerdictInput): Promise<Stored> =>
  transact(ports, 'The merge request', async () => {
    const { agent, bead } = await hookOf(ports, caller);
    const review = isMergeRequest(bead) ? bead.details.review : undefined;
    if (!isMergeRequest(bead) || review === undefined || review.refineryId !== agent.agentId || review.verdict !== undefined) {
      throw conflict(`No verdict is awaited on ${bead.beadId} any more. End your turn.`);
    }
    const at = isoNow(ports);
    const verdict: Verdict = {
      outcome: input.outcome,
      summary: input.summary,
      files: [...(input.files ?? [])],
      tip: review.tip,
      by: `agent:${agent.agentId}`,
      at,
      ...(input.comments === undefined || input.comments.length === 0 ? {} : { comments: [...input.comments] }),
      ...(input.score === undefined ? {} : { score: input.score }),
    };
    const after = revised(bead, { details: { ...bead.details, review: { ...review, verdict } } }, at);
    const event = newEvent(
      { townId: bead.townId, eventId: ports.ids.ulid(), type: 'review_submitted', actor: `agent:${agent.agentId}`, at },
      {
        beadId: bead.details.sourceBeadId,
        agentId: agent.agentId,
        new: input.outcome,
        ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
        ...(bead.details.convoyId === undefined ? {} : { convoyId: bead.details.convoyId }),
        data: { mergeRequestId: bead.beadId, summary: input.summary.slice(0, 1000), files: verdict.files.slice(0, 20) },
      },
    );
    return {
      writes: writesOf([{ before: bead, after }], event, momentOf(ports), releaseWrites(agent, at)),
      result: { requestId: bead.beadId, token: review.token, verdict },
    };
  });

/** Stores the verdict, frees the refinery, tells the execution. Errors: 409 when no verdict is awaited. */
export const giveVerdict = async (ports: Ports, caller: AgentIdentity, input: VerdictInput): Promise<Stored> => {
  const stored = await store(ports, caller, input);
  try {
    await ports.workflow.succeed(stored.token, stored.verdict);
  } catch (error) {
    // The verdict is stored; the rule for settled verdicts sends it again.
    ports.log.warn('verdict_not_delivered', {
      townId: caller.townId,
      beadId: stored.requestId,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
  return stored;
};
