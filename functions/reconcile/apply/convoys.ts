// Applies C1 (progress), C2 (landing) and C3 (stuck): what a convoy does after each member that has ended.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { ConvoyDetails } from '../../contracts/convoy.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { isConvoy, putWork, workItem, writesOf } from '../../domain/bead-writes.ts';
import { awaitsLanding, planLandings } from '../../domain/convoy/landing.ts';
import type { LandingPlan } from '../../domain/convoy/landing.ts';
import { countMembers, onlyWaits } from '../../domain/convoy/progress.ts';
import type { Count } from '../../domain/convoy/progress.ts';
import { shortHash } from '../../domain/plan/names.ts';
import type { ActionOf } from '../../domain/plan/action.ts';
import { isFinal, revised, transition } from '../../domain/transition.ts';
import type { Write } from '../../ports.ts';
import { beadOf, commit, escalationWrites, isoOf, momentIn, ruleEvent } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { cancelMembers } from './convoy-cancel.ts';
import { landingEscalations, releaseLanded, startLandings } from './convoy-landing.ts';
import { stuckWrites } from './convoy-stuck.ts';

type Convoy = Bead & BeadOf<'convoy'>;
interface Scene {
  readonly convoy: Convoy;
  readonly members: readonly Bead[];
  readonly count: Count;
  readonly item: WorkItem;
}
const nothingPlanned: LandingPlan = { landings: [], start: [], failed: [] };

const bodyCharacters = 20_000;
const failedEscalation = (ctx: PassContext, { convoy, count }: Scene): Promise<Write[]> => {
  const ids = count.failed.map((bead) => bead.beadId).toSorted();
  const list = count.failed.map((bead) => `${bead.beadId} ${bead.title}: ${bead.failure?.message ?? 'no reason was recorded'}`);
  return escalationWrites(ctx, {
    rule: 'C1',
    mark: `C1#${convoy.beadId}#${shortHash(ids.join())}`,
    severity: 'high',
    category: 'failed',
    about: convoy,
    cause: { of: 'members' },
    title: `${convoy.title} cannot land: ${ids.length} of ${count.total} beads failed`,
    body: `${list.join('\n')}\n\nRetry them, drop them from the convoy, or land without them.`.slice(0, bodyCharacters),
  });
};

const landingPlan = async (ctx: PassContext, { convoy, members }: Scene): Promise<LandingPlan> => {
  if (convoy.details.mergeMode !== 'review-then-land') return nothingPlanned;
  const { townId, ports } = ctx;
  const ids = (convoy.details.landings ?? []).flatMap((landing) =>
    landing.state === 'landing' && landing.mergeRequestId !== undefined ? [landing.mergeRequestId] : [],
  );
  const read =
    ids.length === 0
      ? []
      : await ports.store.getMany(
          'bead',
          ids.map((beadId) => ({ townId, beadId })),
        );
  const requests = new Map(read.flatMap((request) => (request === undefined ? [] : [[request.beadId, request] as const])));
  return planLandings({ convoy, members, requests, nowMs: ports.clock.nowMs(), timings: ports.deployment.timings });
};

/** The item is done with, unless a landing is due later, or something has changed that must be looked at again. */
const itemWrite = (ctx: PassContext, { item }: Scene, details: ConvoyDetails, again: boolean): Write => {
  const when = { equals: { stamp: item.stamp } };
  const waits = (details.landings ?? []).flatMap((landing) =>
    landing.state === 'waiting' && landing.nextAt !== undefined ? [Date.parse(landing.nextAt)] : [],
  );
  if (!again && waits.length === 0) return { remove: 'work', key: { townId: ctx.townId, kind: 'convoy', workId: item.workId }, when };
  const { nowMs, stamp } = momentIn(ctx);
  return { put: 'work', item: workItem(ctx.townId, 'convoy', item.workId, again ? nowMs : Math.min(...waits), stamp), when };
};

const sameLandings = (one: ConvoyDetails, other: ConvoyDetails): boolean =>
  JSON.stringify(one.landings ?? []) === JSON.stringify(other.landings ?? []);

/** Everything that is needed is closed, and in every rig it is on the default branch. */
const isComplete = (details: ConvoyDetails, { count }: Scene): boolean =>
  !details.staged && count.closed === count.total && (details.landings ?? []).every((landing) => landing.state === 'landed');

const completed = (convoy: Convoy, details: ConvoyDetails, at: string): Bead => {
  const moved = transition(convoy, { status: 'closed' }, at);
  return moved.ok ? { ...moved.bead, details: { ...details, landedAt: at } } : convoy;
};

/** H4: nothing needs the feature branch of a convoy that has landed. A sweep of the rig that waits already finds it too. */
const branchSweeps = async (ctx: PassContext, { landings = [] }: ConvoyDetails): Promise<Write[]> => {
  const { store, deployment } = ctx.ports;
  const rigIds = landings.flatMap(({ rigId, mergeRequestId }) => (mergeRequestId === undefined ? [] : [rigId]));
  const waiting = await store.getMany(
    'work',
    rigIds.map((workId) => ({ townId: ctx.townId, kind: 'branches' as const, workId })),
  );
  const { nowMs, stamp } = momentIn(ctx);
  const dueAtMs = nowMs + deployment.timings.branchSweepMs;
  return rigIds.flatMap((rigId, index) =>
    waiting[index] === undefined ? [putWork(workItem(ctx.townId, 'branches', rigId, dueAtMs, stamp))] : [],
  );
};

const progress = async (ctx: PassContext, scene: Scene): Promise<Applied> => {
  const { convoy, count, members } = scene;
  const at = isoOf(ctx);
  const plan = await landingPlan(ctx, scene);
  const { landings, requests } = await startLandings(ctx, convoy, plan, members);
  const details: ConvoyDetails = {
    ...convoy.details,
    totalBeads: count.total,
    closedBeads: count.closed,
    failedBeads: count.failed.length,
    ...(landings.length === 0 ? {} : { landings }),
  };
  const again = !sameLandings(convoy.details, details);
  const complete = isComplete(details, scene);
  const more = [
    ...(count.failed.length === 0 ? [] : await failedEscalation(ctx, scene)),
    ...(await landingEscalations(ctx, convoy, plan)),
    ...(!complete && !details.staged && onlyWaits(count) ? await stuckWrites(ctx, convoy, count) : []),
  ];
  const { totalBeads, closedBeads, failedBeads } = convoy.details;
  const moved = totalBeads !== count.total || closedBeads !== count.closed || failedBeads !== count.failed.length || again || complete;
  // A rig that has just landed frees others first; the convoy closes when they are told.
  const untold = members.some(
    (bead) => awaitsLanding(bead) && landings.some((each) => each.rigId === bead.rigId && each.state === 'landed'),
  );
  if (!moved && more.length === 0) return commit(ctx, [itemWrite(ctx, scene, details, false)]);
  const closes = complete && !untold;
  const after = closes ? completed(convoy, details, at) : revised(convoy, { details }, at);
  const event = ruleEvent(ctx, 'C1', closes ? 'convoy_landed' : 'convoy_progress', {
    beadId: convoy.beadId,
    convoyId: convoy.beadId,
    new: `${count.closed}/${count.total}`,
    data: { closed: count.closed, failed: count.failed.length, total: count.total, landing: [...plan.start] },
  });
  const item = itemWrite(ctx, scene, details, !closes && again);
  const sweeps = closes ? await branchSweeps(ctx, details) : [];
  return commit(
    ctx,
    writesOf([...(moved ? [{ before: convoy, after }] : []), ...requests], event, momentIn(ctx), [item, ...sweeps, ...more]),
  );
};

const landedMember = (bead: Bead): Bead => {
  if (bead.details.type !== 'issue') return bead;
  const { awaitsLanding: _awaited, ...details } = bead.details;
  return { ...bead, details };
};

/** Counts the members and lets the convoy go on: it lands when everything is in, and asks people when something failed. */
export const countConvoy = async (ctx: PassContext, { item }: ActionOf<'count-convoy'>): Promise<Applied> => {
  const { townId } = ctx;
  const convoy = await beadOf(ctx, item.workId);
  if (convoy === undefined || !isConvoy(convoy) || isFinal(convoy.status))
    return commit(ctx, [{ remove: 'work', key: { townId, kind: 'convoy', workId: item.workId }, when: { equals: { stamp: item.stamp } } }]);
  const read = await ctx.ports.store.getMany(
    'bead',
    convoy.details.memberIds.map((beadId) => ({ townId, beadId })),
  );
  const members = read.flatMap((bead) => bead ?? []);
  const count = countMembers(convoy.details, members);
  if (convoy.details.closing !== undefined) return cancelMembers(ctx, convoy, { item, unfinished: count.unfinished });
  const landed = new Set((convoy.details.landings ?? []).flatMap((landing) => (landing.state === 'landed' ? [landing.rigId] : [])));
  const told = members.filter((bead) => awaitsLanding(bead) && landed.has(bead.rigId ?? ''));
  if (told.length > 0 && (await releaseLanded(ctx, convoy, told)) === 'lost') return 'lost';
  const fresh = told.length === 0 ? members : members.map((bead) => (told.includes(bead) ? landedMember(bead) : bead));
  return progress(ctx, { convoy, members: fresh, count, item });
};
