// Retries a failed bead: a successor takes its place. The failed bead keeps everything but the link; rule B9 moves who waited for it.
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import type { IssueDetails } from '../contracts/issue.schema.ts';
import { isConvoy, isIssue, putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import { blocksChildren, effectOf, isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newBead, newEvent } from '../domain/new-bead.ts';
import { isFinal, revised } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { withKeptBody, withWholeBody } from './bead-body.ts';
import { attachAgain } from './attach-molecule.ts';
import type { Act } from './bead-fields.ts';
import { targetCheck } from './dependency-checks.ts';
import { actOnce } from './once.ts';
import { isoNow, momentOf } from './transact.ts';

type Issue = Bead & BeadOf<'issue'>;
const firstIdLength = 4;
/** Edges that are carried over; each takes three items of a transaction that holds 100. */
const mostCarried = 25;
const errorCharacters = 1000;

const checkRetry: (bead: Bead) => asserts bead is Issue = (bead) => {
  if (bead.type === 'merge_request') throw unprocessable(`${bead.beadId} is a merge request; retry its source instead.`);
  if (!isIssue(bead)) throw unprocessable(`${bead.beadId} is a ${bead.type.replace('_', ' ')}; only issues can be retried.`);
  if (bead.status !== 'failed')
    throw conflict(`${bead.beadId} is ${bead.status.replace('_', ' ')}; only a failed bead can be retried.`, []);
  if (bead.details.step !== undefined)
    throw unprocessable(`${bead.beadId} is a step of ${bead.details.step.moleculeId}; retry the bead of that molecule instead.`);
  if (bead.details.mergeRequestId !== undefined)
    throw conflict(
      `${bead.beadId} was to repair ${bead.details.mergeRequestId}, whose source is held; start that one to have it worked again.`,
      [],
    );
};

interface Carried {
  readonly edges: readonly Dependency[];
  /** What they wait for. */
  readonly others: readonly Bead[];
  readonly writes: readonly Write[];
}
/** What the failed bead still waited for: its successor waits for it too. */
const carriedOver = async (ports: Ports, old: Issue, beadId: string): Promise<Carried> => {
  const { townId } = old;
  const waiting = (await ports.store.dependenciesOf(townId, old.beadId)).filter((edge) => isBlocking(edge.type) && !edge.resolved);
  if (waiting.length > mostCarried)
    throw unprocessable(`${old.beadId} waited for ${waiting.length} beads; ${mostCarried} at most can be carried over. Sling it anew.`);
  const moment = momentOf(ports);
  const edges: Dependency[] = [];
  const others: Bead[] = [];
  const writes: Write[] = [];
  for (const edge of waiting) {
    const named = await ports.store.get('bead', { townId, beadId: edge.dependsOnId });
    const heir = named?.supersededBy === undefined ? named : await ports.store.get('bead', { townId, beadId: named.supersededBy });
    if (heir === undefined || heir.deletingAt !== undefined) continue;
    const { type, gate } = edge;
    // It waited for a failed bead and for its successor: that is one now.
    if (edges.some((kept) => kept.type === type && kept.dependsOnId === heir.beadId)) continue;
    const effect = type === 'waits-for' ? 'stay' : effectOf(edge, heir);
    edges.push(newEdge({ townId, beadId, dependsOnId: heir.beadId, type, gate, at: isoNow(ports) }, effect === 'free'));
    others.push(heir);
    writes.push(targetCheck(heir));
    // Its end, or that of its children, was told before this edge existed.
    if (effect === 'skip') writes.push(putWork(workItem(townId, 'release', heir.beadId, moment.nowMs, moment.stamp)));
    if (type === 'waits-for') writes.push(putWork(workItem(townId, 'gate', heir.beadId, moment.nowMs, moment.stamp)));
  }
  return { edges, others, writes };
};

interface Family {
  readonly fields: Partial<Bead>;
  readonly writes: readonly Write[];
}
const familyOf = async (ports: Ports, old: Issue, beadId: string): Promise<Family> => {
  if (old.parentId === undefined) return { fields: {}, writes: [] };
  const parent = await ports.store.get('bead', { townId: old.townId, beadId: old.parentId });
  if (parent === undefined) return { fields: {}, writes: [] };
  const edge = newEdge({ townId: old.townId, beadId, dependsOnId: parent.beadId, type: 'parent-child', at: isoNow(ports) });
  const key = { townId: parent.townId, beadId: parent.beadId };
  return {
    fields: { parentId: parent.beadId, ...(blocksChildren(parent) ? { parentBlocked: true as const } : {}) },
    writes: [...edgeWrites([edge]), { check: 'bead', key, when: { equals: { version: parent.version } } }],
  };
};

/** The convoy goes on with the successor, as long as it goes on at all. */
const convoyFor = async (ports: Ports, old: Issue): Promise<{ convoyId?: string }> => {
  if (old.details.convoyId === undefined) return {};
  const convoy = await ports.store.get('bead', { townId: old.townId, beadId: old.details.convoyId });
  return convoy !== undefined && isConvoy(convoy) && !isFinal(convoy.status) ? { convoyId: convoy.beadId } : {};
};

/** Branches of others, to which these beads push: a retry pushes there too. */
const onForeignBranch: readonly string[] = ['fixup', 'feedback'];

/** What was asked for, without what the first try left behind. */
const wantedOf = ({ details }: Issue): IssueDetails => {
  const { convoyId: _convoy, branch, baseSha: _base, pushed: _pushed, latestMergeRequestId: _request, ...asked } = details;
  const { doneSummary: _summary, checkpoint: _point, notBefore: _wait, agentMs: _ms, timeouts: _outs, ...rest } = asked;
  const { preferAgentId: _wanted, avoidAgentId: _avoided, foreign: _imported, ...own } = rest;
  const { moleculeId: _steps, stepGate: _gate, chain: _chain, ...wanted } = own;
  return { ...wanted, commits: [], ...(branch !== undefined && onForeignBranch.includes(details.kind) ? { branch } : {}) };
};

const successorOf = (old: Issue, beadId: string, at: string, act: Act): Bead => {
  const reason = old.failure?.message ?? 'no reason was recorded';
  return newBead(
    {
      townId: old.townId,
      beadId,
      title: old.title,
      requestedBy: old.requestedBy,
      createdBy: act.actor,
      at,
      details: { ...wantedOf(old), lastError: `${old.beadId} failed before: ${reason}`.slice(0, errorCharacters) },
    },
    {
      body: old.body,
      priority: old.priority,
      labels: old.labels,
      metadata: old.metadata,
      supersedes: old.beadId,
      ...(old.rigId === undefined ? {} : { rigId: old.rigId }),
      ...(old.hasChildren === undefined ? {} : { hasChildren: old.hasChildren }),
      // Who waited for the failed bead will wait for this one.
      ...(old.awaited === undefined ? {} : { awaited: old.awaited }),
    },
  );
};

/**
 * Makes the successor of a failed bead; a second time answers with the one there is. Throws 404, 409 for a bead that has not failed, 422.
 */
export const retryBead = (ports: Ports, request: Act & { readonly idempotencyKey?: string | undefined }): Promise<Bead> => {
  const { townId, actor } = request;
  const once = {
    what: 'The bead',
    scope: townId,
    key: request.idempotencyKey,
    act: 'retryBead',
    request: { beadId: request.beadId, actor },
    answer: beadSchema,
  };
  return actOnce(ports, once, async (attempt) => {
    const old = await beadOf(ports, townId, request.beadId);
    if (old.supersededBy !== undefined) return { writes: [], result: presentBead(await beadOf(ports, townId, old.supersededBy)) };
    checkRetry(old);
    const at = isoNow(ports);
    const moment = momentOf(ports);
    const beadId = `${old.beadId.slice(0, old.beadId.indexOf('-'))}-${ports.ids.base36(firstIdLength + attempt)}`;
    const [carried, family, convoy] = await Promise.all([
      carriedOver(ports, old, beadId),
      familyOf(ports, old, beadId),
      convoyFor(ports, old),
    ]);
    const plain = await withKeptBody(ports, { ...successorOf(old, beadId, at, request), body: (await withWholeBody(ports, old)).body });
    const openBlockers = carried.edges.filter((edge) => !edge.resolved).length;
    const details = plain.details.type === 'issue' ? { ...plain.details, ...convoy } : plain.details;
    const unstepped: Bead = { ...plain, ...family.fields, details, openBlockers };
    const attached =
      old.details.moleculeId === undefined
        ? undefined
        : await attachAgain(ports, { townId, userId: old.requestedBy, actor, at }, unstepped, {
            earlierId: old.details.moleculeId,
            prefix: beadId.slice(0, beadId.indexOf('-')),
            blockers: carried.edges.map((edge) => edge.dependsOnId),
          });
    const heir = attached?.issue ?? unstepped;
    const link = newEdge({ townId, beadId, dependsOnId: old.beadId, type: 'supersedes', at });
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'created', actor, at },
      { beadId, new: heir.title, ...(old.rigId === undefined ? {} : { rigId: old.rigId }), ...convoy, data: { supersedes: old.beadId } },
    );
    const more: Write[] = [
      ...edgeWrites([link, ...carried.edges], carried.others),
      ...carried.writes,
      ...family.writes,
      ...(attached?.writes ?? []),
      putWork(workItem(townId, 'follow', old.beadId, moment.nowMs, moment.stamp)),
    ];
    const after = revised(old, { supersededBy: beadId }, at);
    return { writes: writesOf([{ before: old, after }, { after: heir }, ...(attached?.changes ?? [])], event, moment, more), result: heir };
  });
};
