// M6: merge requests whose pull request is open on their host are looked at when their time has come. What the look shows is judged elsewhere.
import type { WorkItem } from '../../contracts/work.schema.ts';
import type { Rig } from '../../contracts/town.schema.ts';
import { isWatched } from '../bead-writes.ts';
import type { Findings } from './action.ts';
import { findings } from './action.ts';
import { breakerData, breakerFailures } from './breakers.ts';
import { overtakenBy } from './merges.ts';
import type { View } from './view.ts';

/** The breaker of one host's pull requests: agents work on without it. */
export const hostBreaker = ({ gitUrl }: Pick<Rig, 'gitUrl'>): string =>
  `host:${URL.canParse(gitUrl) ? new URL(gitUrl).host : 'local'}`.slice(0, 200);

/** A look asks the host several times: the rest of many waits for the next pass. */
const looksPerPass = 5;

export const pullRequestRules = (view: View): Findings => {
  const found = findings();
  const probed = new Set<string>();
  for (const { request, dueAtMs: nextMs } of view.requests) {
    if (!isWatched(request) || overtakenBy(request, view.bead(request.details.sourceBeadId)) !== undefined) continue;
    const rig = view.rig(request.rigId);
    const counting: WorkItem | undefined =
      rig === undefined ? undefined : view.work('breaker').find(({ workId }) => workId === hostBreaker(rig));
    const open = counting !== undefined && breakerData(counting).failures >= breakerFailures ? counting : undefined;
    const dueAtMs = Math.max(nextMs, open?.dueAtMs ?? 0);
    // Of a host that is out of order one request is tried at a time.
    if (dueAtMs > view.nowMs) found.waits.push(dueAtMs);
    else if (open !== undefined && probed.has(open.workId)) found.waits.push(view.nowMs + view.timings.runtimeBreakerMs);
    else if (found.actions.length >= looksPerPass) found.waits.push(view.nowMs + view.timings.reportPeriodMs);
    else {
      if (open !== undefined) probed.add(open.workId);
      found.actions.push({
        rule: 'M6',
        kind: 'watch-pull-request',
        subject: request.beadId,
        beadId: request.beadId,
        ...(counting === undefined ? {} : { breaker: counting }),
        sentence: `The pull request of ${request.beadId} is looked at.`,
      });
    }
  }
  return found;
};
