// What a person, or a delivery of the host, says about a pull request of the town: merge it now, hold it back, look at it.
import type { Bead } from '../contracts/bead.schema.ts';
import type { PullRequestWatch } from '../contracts/pull-request-watch.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isMergeRequest, isWatched, putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import { calmed } from '../domain/merge/pull-request-work.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { MergeRequestBead } from '../domain/prompts/refinery.ts';
import { revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { conflict } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export type PullRequestDecision = 'merge' | 'hold';
export interface Decide {
  readonly townId: string;
  readonly beadId: string;
  readonly actor: Principal;
  readonly decision: PullRequestDecision;
}
type Watched = MergeRequestBead & { readonly details: { readonly pullRequest: PullRequestWatch } };
const watched = (bead: Bead): bead is Watched => isMergeRequest(bead) && isWatched(bead);

const decided = ({ beadId, details: { pullRequest: watch } }: Watched, { actor, decision }: Decide, at: string): PullRequestWatch => {
  if (watch.merging !== undefined) throw conflict(`${beadId} is being merged at this moment; look again in a few seconds.`);
  if (watch.seen === undefined) throw conflict(`The pull request of ${beadId} has not been looked at yet; try again in a moment.`);
  if (decision === 'hold') {
    const { mergeAt: _at, mergeAtSha: _sha, asked: _asked, ...kept } = watch;
    return { ...kept, heldBackSha: watch.seen.headSha };
  }
  if (watch.ready !== true) throw conflict(`${beadId} cannot be merged yet. ${watch.waitsFor ?? 'It waits for its next look.'}`);
  const { heldBackSha: _held, ...kept } = calmed(watch);
  return { ...kept, ready: true, asked: { by: actor, at }, waitsFor: 'A person wants it merged now: everything is looked at once more.' };
};

/**
 * `merge`: it is merged as soon as a last look shows that all is still good. `hold`: this commit is not merged by itself. Said again, nothing
 * changes. Throws 404, and 409 with what is in the way.
 */
export const decidePullRequest = (ports: Ports, act: Decide): Promise<Bead> =>
  transact(ports, 'The merge request', async () => {
    const before = await beadOf(ports, act.townId, act.beadId);
    if (!watched(before)) throw conflict(`${act.beadId} has no open pull request.`);
    const { pullRequest } = before.details;
    const again =
      act.decision === 'merge'
        ? pullRequest.asked !== undefined
        : pullRequest.heldBackSha !== undefined && pullRequest.heldBackSha === pullRequest.seen?.headSha;
    if (again) return { writes: [], result: presentBead(before) };
    const at = isoNow(ports);
    const after = revised(before, { details: { ...before.details, pullRequest: decided(before, act, at) } }, at);
    const moment = momentOf(ports);
    const event = newEvent(
      { townId: act.townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor: act.actor, at },
      {
        beadId: before.details.sourceBeadId,
        ...(before.rigId === undefined ? {} : { rigId: before.rigId }),
        new: act.decision === 'merge' ? 'merge now' : 'not by itself',
        data: { field: 'pullRequest', mergeRequestId: before.beadId },
      },
    );
    const look = putWork(workItem(act.townId, 'merge', before.beadId, moment.nowMs, moment.stamp));
    return { writes: writesOf([{ before, after }], event, moment, [look]), result: presentBead(after) };
  });
