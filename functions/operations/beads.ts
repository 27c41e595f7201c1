// Beads by hand: read, close, give up. Every status change goes through the one transition function.
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Commit } from '../contracts/commit.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import { isConvoy, isIssue, isMergeRequest, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { allowedFrom, isFinal, transition } from '../domain/transition.ts';
import type { Target } from '../domain/transition.ts';
import { counted } from '../domain/words.ts';
import type { Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { conflict } from '../api/problems.ts';
import { beadOf } from './access.ts';
import type { Act } from './bead-fields.ts';
import { actOnce } from './once.ts';
import { withdrawn } from './withdraw.ts';
import { isoNow, momentOf } from './transact.ts';

export interface BeadDetail {
  readonly bead: Bead;
  readonly dependsOn: readonly Dependency[];
  readonly dependents: readonly Dependency[];
}
/** Throws 404. */
export const getBead = async (ports: Ports, townId: string, beadId: string): Promise<BeadDetail> => {
  const [bead, dependsOn, dependents] = await Promise.all([
    beadOf(ports, townId, beadId),
    ports.store.dependenciesOf(townId, beadId),
    ports.store.dependentsOf(townId, beadId),
  ]);
  return { bead: presentBead(bead), dependsOn, dependents };
};

/** Commits as recorded on the bead; of an issue under review also those of its newest merge request. Throws 404. */
export const commitsOf = async (ports: Ports, townId: string, beadId: string): Promise<readonly Commit[]> => {
  const bead = await beadOf(ports, townId, beadId);
  if (isMergeRequest(bead)) return bead.details.commits;
  if (!isIssue(bead)) return [];
  if (bead.details.commits.length > 0 || bead.details.latestMergeRequestId === undefined) return bead.details.commits;
  const request = await ports.store.get('bead', { townId, beadId: bead.details.latestMergeRequestId });
  return request !== undefined && isMergeRequest(request) ? request.details.commits : [];
};

interface Ending {
  readonly act: 'closeBead' | 'failBead';
  readonly target: Target;
  readonly reason: string | undefined;
  readonly idempotencyKey: string | undefined;
}

const checkByHand = (bead: Bead, target: Target): void => {
  if (target.status !== 'closed' || isFinal(bead.status)) return;
  const others = allowedFrom(bead).filter((status) => status !== 'closed');
  if (bead.type === 'merge_request') throw conflict(`${bead.beadId} closes when it is merged; it can be given up instead.`, others);
  if (isIssue(bead) && bead.status === 'in_review')
    throw conflict(`${bead.beadId} is in review and closes when its merge request lands; it can be given up instead.`, others);
};

/** A convoy ends with its beads; ended before them it would leave them running for nobody. Throws 409. */
const checkMembers = async (ports: Ports, bead: Bead): Promise<void> => {
  if (!isConvoy(bead) || isFinal(bead.status)) return;
  const namedAtMost = 3;
  const keys = bead.details.memberIds.map((beadId) => ({ townId: bead.townId, beadId }));
  const running = (await ports.store.getMany('bead', keys)).flatMap((member) =>
    member === undefined || isFinal(member.status) ? [] : [member],
  );
  if (running.length === 0) return;
  const named = running.slice(0, namedAtMost).map((member) => `${member.beadId} "${member.title}"`);
  const others = running.length - named.length;
  throw conflict(
    `${bead.beadId} still has ${counted(running.length, 'bead')} that ${running.length === 1 ? 'is' : 'are'} not finished: ${named.join(', ')}${others === 0 ? '' : ` and ${others} more`}. Close or fail ${running.length === 1 ? 'it' : 'them'} first.`,
    [],
  );
};

const end = (ports: Ports, request: Act, ending: Ending): Promise<Bead> => {
  const { townId, beadId, actor } = request;
  const once = {
    what: 'The bead',
    scope: townId,
    key: ending.idempotencyKey,
    act: ending.act,
    request: { beadId, actor, reason: ending.reason },
    answer: beadSchema,
  };
  return actOnce(ports, once, async () => {
    const before = await beadOf(ports, townId, beadId);
    checkByHand(before, ending.target);
    await checkMembers(ports, before);
    const at = isoNow(ports);
    const moved = transition(before, ending.target, at);
    if (!moved.ok) throw conflict(`${moved.message}.`, moved.allowed);
    const result = presentBead(moved.bead);
    if (!moved.changed) return { writes: [], result };
    const { target } = ending;
    const others =
      target.status === 'failed' ? await withdrawn(ports, before, `Its source ${beadId} was given up: ${target.failure.message}`, at) : [];
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'status_changed', actor, at },
      {
        beadId,
        old: before.status,
        new: moved.bead.status,
        ...(before.rigId === undefined ? {} : { rigId: before.rigId }),
        data: {
          ...(ending.reason === undefined ? {} : { reason: ending.reason }),
          ...(others.length === 0 ? {} : { withdrawn: others.map((change) => change.after.beadId) }),
        },
      },
    );
    return { writes: writesOf([{ before, after: moved.bead }, ...others], event, momentOf(ports)), result };
  });
};

/** Closes a bead by hand; a second time is a success. Throws 404, and 409 with what is allowed: work in review closes only by its merge. */
export const closeBead = (
  ports: Ports,
  request: Act & { readonly reason?: string | undefined; readonly idempotencyKey?: string | undefined },
): Promise<Bead> =>
  end(ports, request, { act: 'closeBead', target: { status: 'closed' }, reason: request.reason, idempotencyKey: request.idempotencyKey });

/** Gives a bead up for a reason, with its live merge request. Throws 404, and 409 with what is allowed. */
export const failBead = (
  ports: Ports,
  request: Act & { readonly reason: string; readonly idempotencyKey?: string | undefined },
): Promise<Bead> =>
  end(ports, request, {
    act: 'failBead',
    target: { status: 'failed', failure: { code: 'given_up', message: request.reason, source: request.actor } },
    reason: request.reason,
    idempotencyKey: request.idempotencyKey,
  });
