// C2: when the work of a rig's members is all on the feature branch, one landing request at a time brings it to the default branch. A landing
// that fails is tried again with a growing wait, five times, and is never sent to rework: people decide. Pure.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Landing } from '../../contracts/convoy.schema.ts';
import type { Timings } from '../../contracts/timings.schema.ts';
import { isIssue, isMergeRequest } from '../bead-writes.ts';
import { isFinal } from '../transition.ts';
import { neededIds } from './progress.ts';

type Convoy = Bead & BeadOf<'convoy'>;
export const maxLandingAttempts = 5;
/** The wait doubles from one retry period up to so many of them (30 s and 30 min with the usual figures). */
const longestWaits = 60;
/** After the given number of failed attempts, in ms. */
export const landingBackoffMs = (attempts: number, { mergeRetryMs }: Pick<Timings, 'mergeRetryMs'>): number =>
  mergeRetryMs * Math.min(2 ** Math.max(0, attempts - 1), longestWaits);

/** Merged into the feature branch, not yet on the default branch. */
export const awaitsLanding = (bead: Bead): boolean => isIssue(bead) && bead.status === 'closed' && bead.details.awaitsLanding === true;

export interface LandingScene {
  readonly convoy: Convoy;
  readonly members: readonly Bead[];
  /** Landing requests by id. */
  readonly requests: ReadonlyMap<string, Bead>;
  readonly nowMs: number;
  readonly timings: Pick<Timings, 'mergeRetryMs'>;
}
export interface LandingPlan {
  readonly landings: readonly Landing[];
  /** Rigs whose next landing request is made now. */
  readonly start: readonly string[];
  /** Landings whose request has just failed. */
  readonly failed: readonly { readonly landing: Landing; readonly request: Bead | undefined }[];
}

const reasonOf = (request: Bead | undefined): string => (request?.failure?.message ?? 'its merge request is missing').slice(0, 2000);
const afterFailure = (landing: Landing, request: Bead | undefined, { nowMs, timings }: LandingScene): Landing => {
  const { nextAt: _next, ...rest } = landing;
  const reason = reasonOf(request);
  // Whoever closes its pull request does not want it opened again.
  if (landing.attempts >= maxLandingAttempts || request?.failure?.code === 'pull_request_closed')
    return { ...rest, state: 'failed', reason };
  return { ...rest, state: 'waiting', reason, nextAt: new Date(nowMs + landingBackoffMs(landing.attempts, timings)).toISOString() };
};

/** The landing of one rig after a look at its members and its request; `start`: the next request is due. */
const lookAt = (landing: Landing, members: readonly Bead[], scene: LandingScene): { landing: Landing; start: boolean } => {
  if (landing.state === 'landing') {
    const request = landing.mergeRequestId === undefined ? undefined : scene.requests.get(landing.mergeRequestId);
    if (request !== undefined && !isFinal(request.status)) return { landing, start: false };
    const { reason: _reason, nextAt: _next, ...rest } = landing;
    return { landing: request?.status === 'closed' ? { ...rest, state: 'landed' } : afterFailure(landing, request, scene), start: false };
  }
  if (landing.state !== 'waiting' || members.some((bead) => bead.status !== 'closed')) return { landing, start: false };
  if (!members.some(awaitsLanding)) return { landing: { ...landing, state: 'landed' }, start: false };
  const due = landing.nextAt === undefined || Date.parse(landing.nextAt) <= scene.nowMs;
  return { landing, start: due };
};

/** One landing for each rig that the needed members touch. */
export const planLandings = (scene: LandingScene): LandingPlan => {
  const needed = new Set(neededIds(scene.convoy.details));
  const members = scene.members.filter((bead) => needed.has(bead.beadId) && bead.rigId !== undefined);
  const known = scene.convoy.details.landings ?? [];
  const rigIds = [...new Set([...known.map((landing) => landing.rigId), ...members.flatMap((bead) => bead.rigId ?? [])])];
  const looked = rigIds.map((rigId) => {
    const before = known.find((landing) => landing.rigId === rigId) ?? { rigId, state: 'waiting', attempts: 0 };
    const own = members.filter((bead) => bead.rigId === rigId);
    return { before, ...lookAt(before, own, scene) };
  });
  return {
    landings: looked.map((each) => each.landing),
    start: looked.flatMap((each) => (each.start ? [each.landing.rigId] : [])),
    failed: looked.flatMap(({ before, landing }) =>
      before.state === 'landing' && (landing.state === 'waiting' || landing.state === 'failed')
        ? [{ landing, request: scene.requests.get(before.mergeRequestId ?? '') }]
        : [],
    ),
  };
};

/** Commit of the newest merge into the feature branch among these requests. */
export const newestHead = (requests: readonly Bead[]): string | undefined =>
  requests
    .filter(isMergeRequest)
    .filter((request) => request.details.landedSha !== undefined)
    .toSorted((one, other) => ((one.closedAt ?? '') < (other.closedAt ?? '') ? 1 : -1))[0]?.details.landedSha;
