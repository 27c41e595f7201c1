// Applies C2: makes landing requests, tells people about landings that fail, and lets what waited for the members go on when a rig has landed.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Landing } from '../../contracts/convoy.schema.ts';
import { isIssue, writesOf } from '../../domain/bead-writes.ts';
import { putWork, workItem } from '../../domain/bead-writes.ts';
import type { BeadChange } from '../../domain/bead-writes.ts';
import { awaitsLanding, maxLandingAttempts, newestHead } from '../../domain/convoy/landing.ts';
import type { LandingPlan } from '../../domain/convoy/landing.ts';
import { newBead } from '../../domain/new-bead.ts';
import { revised } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { commit, escalationWrites, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';

type Convoy = Bead & BeadOf<'convoy'>;
const idLength = 5;

/** The request of the next attempt; undefined when the rig or the merged commits are gone. */
const landingRequest = async (ctx: PassContext, convoy: Convoy, rigId: string, members: readonly Bead[]): Promise<Bead | undefined> => {
  const { townId } = ctx;
  const { featureBranch } = convoy.details;
  const rig = await ctx.ports.store.get('rig', { townId, rigId });
  const merged = members.filter((bead) => bead.rigId === rigId && awaitsLanding(bead));
  const requests = await ctx.ports.store.getMany(
    'bead',
    merged.flatMap((bead) =>
      isIssue(bead) && bead.details.latestMergeRequestId !== undefined ? [{ townId, beadId: bead.details.latestMergeRequestId }] : [],
    ),
  );
  const headSha = newestHead(requests.flatMap((request) => request ?? []));
  if (rig === undefined || featureBranch === undefined || headSha === undefined) return undefined;
  return newBead(
    {
      townId,
      beadId: `${rig.prefix}-${ctx.ports.ids.base36(idLength)}`,
      title: `Land ${convoy.title}`.slice(0, 500),
      requestedBy: convoy.requestedBy,
      createdBy: 'patrol:C2',
      at: isoOf(ctx),
      details: {
        type: 'merge_request',
        kind: 'landing',
        stage: 'new',
        sourceBeadId: convoy.beadId,
        convoyId: convoy.beadId,
        branch: featureBranch,
        targetBranch: rig.defaultBranch,
        headSha,
        attempt: 1,
        gates: [],
        reworkRounds: 0,
        conflictRounds: 0,
        commits: [],
      },
    },
    { rigId, priority: convoy.priority, parentId: convoy.beadId, body: `${merged.length} beads of ${convoy.beadId} land together.` },
  );
};

export interface Started {
  readonly landings: Landing[];
  readonly requests: BeadChange[];
}
/** The landings of the plan with the requests that are made now. */
export const startLandings = async (ctx: PassContext, convoy: Convoy, plan: LandingPlan, members: readonly Bead[]): Promise<Started> => {
  const landings = [...plan.landings];
  const requests: BeadChange[] = [];
  for (const rigId of plan.start) {
    const at = landings.findIndex((landing) => landing.rigId === rigId);
    const landing = landings[at];
    if (landing === undefined) continue;
    const { nextAt: _due, ...rest } = landing;
    const request = await landingRequest(ctx, convoy, rigId, members);
    if (request === undefined) {
      landings[at] = { ...rest, state: 'failed', reason: 'The repository or the merged commits are not there any more.' };
      continue;
    }
    landings[at] = { ...rest, state: 'landing', attempts: landing.attempts + 1, mergeRequestId: request.beadId };
    requests.push({ after: request });
  }
  return { landings, requests };
};

/** A landing that fails is never sent to rework: people hear of each kind of failure once, and of the end. */
export const landingEscalations = async (ctx: PassContext, convoy: Convoy, plan: LandingPlan): Promise<Write[]> => {
  const writes: Write[] = [];
  for (const { landing, request } of plan.failed) {
    const over = landing.state === 'failed';
    const code = request?.failure?.code ?? 'missing';
    const end = code === 'pull_request_closed' ? 'does not land' : `cannot land after ${maxLandingAttempts} attempts`;
    const what = over ? end : `did not land at attempt ${landing.attempts}`;
    writes.push(
      ...(await escalationWrites(ctx, {
        rule: 'C2',
        mark: `C2#${convoy.beadId}#${landing.rigId}#${over ? `end-${landing.mergeRequestId ?? ''}` : code}`,
        severity: 'high',
        category: code === 'landing_conflict' ? 'merge_conflict' : 'failed',
        about: convoy,
        cause: { of: 'landing', rigId: landing.rigId, givenUp: over },
        title: `${convoy.title} ${what}`,
        body: `${landing.reason ?? ''}\n\nIts branch is ${convoy.details.featureBranch ?? ''} in ${landing.rigId}. ${
          over
            ? `Put the branch right, then ask for the landing of ${convoy.beadId} again.`
            : 'It is tried again by itself; what is pushed to the branch meanwhile counts.'
        }`,
      })),
    );
  }
  return writes;
};

/** Members that one transaction tells: bead and release item each. */
const membersPerCommit = 40;

/** The work of these members is on the default branch: what waited for them outside of the convoy may go on. */
export const releaseLanded = async (ctx: PassContext, convoy: Convoy, landed: readonly Bead[]): Promise<Applied> => {
  for (let start = 0; start < landed.length; start += membersPerCommit) {
    const moment = momentIn(ctx);
    const part = landed.slice(start, start + membersPerCommit).filter(isIssue);
    const changes = part.map((before): BeadChange => {
      const { awaitsLanding: _awaited, ...details } = before.details;
      return { before, after: revised(before, { details }, isoOf(ctx)) };
    });
    const event = ruleEvent(ctx, 'C2', 'convoy_progress', {
      beadId: convoy.beadId,
      convoyId: convoy.beadId,
      new: 'landed',
      data: { landed: part.map((bead) => bead.beadId) },
    });
    const tell = part.map((bead) => putWork(workItem(ctx.townId, 'release', bead.beadId, moment.nowMs, moment.stamp)));
    if ((await commit(ctx, writesOf(changes, event, moment, tell))) === 'lost') return 'lost';
  }
  return 'done';
};
