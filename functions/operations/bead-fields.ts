// Changes fields of a bead: what people may write, its parent, and which agent should have it.
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { Bead, BeadOf, BeadType } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { routes } from '../contracts/routes.ts';
import { restWrites } from '../domain/agent-writes.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import { isOnlyBeginning } from '../domain/long-body.ts';
import { newEvent } from '../domain/new-bead.ts';
import { reservedLabels } from '../domain/sling.ts';
import { allowedFrom, isFinal, revised, transition } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { checkVersion } from '../api/serve.ts';
import { beadOf } from './access.ts';
import { forgetBody, isWholeOf, keptBody } from './bead-body.ts';
import type { KeptBody } from './bead-body.ts';
import { replacementOf } from './dependencies.ts';
import type { Replacement } from './dependencies.ts';
import { targetsOf } from './dependency-checks.ts';
import { setParent } from './parents.ts';
import { isoNow, momentOf, transact } from './transact.ts';
import type { Decision } from './transact.ts';

export interface Act {
  readonly townId: string;
  readonly beadId: string;
  readonly actor: Principal;
}
export type BeadChanges = z.infer<(typeof routes.updateBead)['body']> & {
  /** What the bead waits for by type `blocks`, as a whole; in one act with the other fields. */
  readonly dependsOn?: readonly string[] | undefined;
};
/** With the body where it belongs. */
type BeadPatch = Omit<BeadChanges, 'body'> & { readonly keptBody?: KeptBody };
type Issue = Bead & BeadOf<'issue'>;
type Fields = Partial<Pick<Bead, 'title' | 'body' | 'bodyFile' | 'priority' | 'held' | 'labels' | 'metadata' | 'details'>>;

/** Beads whose text and priority people may edit. */
const editable: readonly BeadType[] = ['issue', 'convoy', 'escalation'];
const onlyOfIssues = ['held', 'issueType', 'parentId', 'assigneeAgentId'] as const;

const checkEditable = (before: Bead, patch: BeadPatch): void => {
  if (isFinal(before.status)) throw conflict(`${before.beadId} is ${before.status}, and that is final.`, allowedFrom(before));
  if (!editable.includes(before.type))
    throw unprocessable(`A ${before.type.replace('_', ' ')} is written by the town itself; its fields cannot be edited.`);
  const wrong = isIssue(before) ? undefined : onlyOfIssues.find((field) => patch[field] !== undefined);
  if (wrong !== undefined)
    throw unprocessable(wrong === 'held' ? 'Only issues can be held or released.' : `Only issues have ${wrong}.`, [
      { path: `body.${wrong}`, message: 'not an issue' },
    ]);
};

/** The caller's labels and those that the server has set; one of these may be sent back, none may be added. Throws 422. */
const labelsOf = (before: Bead, wanted: readonly string[]): string[] => {
  const ours = reservedLabels(before.labels);
  const added = reservedLabels(wanted).filter((label) => !ours.includes(label));
  if (added.length > 0)
    throw unprocessable(`Labels that start with "gt:" are set by the server: ${added.join(', ')}. Ask by kind instead.`, [
      { path: 'body.labels', message: 'reserved label' },
    ]);
  return [...new Set([...wanted.filter((label) => !ours.includes(label)), ...ours])];
};

/** The fields that really change. */
const fieldsOf = (before: Bead, patch: BeadPatch): Fields => {
  const wanted: Fields = {
    ...(patch.title === undefined ? {} : { title: patch.title }),
    ...patch.keptBody,
    ...(patch.priority === undefined ? {} : { priority: patch.priority }),
    ...(patch.held === undefined ? {} : { held: patch.held }),
    ...(patch.labels === undefined ? {} : { labels: labelsOf(before, patch.labels) }),
    ...(patch.metadata === undefined ? {} : { metadata: patch.metadata }),
    ...(patch.issueType === undefined || !isIssue(before) ? {} : { details: { ...before.details, issueType: patch.issueType } }),
  };
  const now = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(now.get(name), value)));
};

/** The worker loses its bead: a new epoch, so that nothing it still does counts. */
const freed = async (ports: Ports, bead: Issue, at: string): Promise<Write[]> => {
  const { townId } = bead;
  const agent = bead.assigneeAgentId === undefined ? undefined : await ports.store.get('agent', { townId, agentId: bead.assigneeAgentId });
  if (agent?.hookBeadId !== bead.beadId) return [];
  return restWrites(agent, at);
};

const checkAgent = async (ports: Ports, bead: Issue, agentId: string): Promise<void> => {
  const agent = await ports.store.get('agent', { townId: bead.townId, agentId });
  const fits = agent !== undefined && agent.state !== 'gone' && agent.role === 'polecat' && agent.rigId === bead.rigId;
  if (!fits)
    throw unprocessable(`${agentId} is no worker of the rig of ${bead.beadId}; list the agents to see who is.`, [
      { path: 'body.assigneeAgentId', message: 'no worker of this rig' },
    ]);
};

/** Back in its queue, for the wanted agent if it is free, else for anybody; without a name for anybody but the present one. */
const reassigned = async (
  ports: Ports,
  before: Issue,
  { agentId, fields }: { readonly agentId: string | null; readonly fields: Fields },
): Promise<{ after: Bead; writes: Write[] }> => {
  if (agentId !== null) await checkAgent(ports, before, agentId);
  if (before.status === 'in_review')
    throw conflict(`${before.beadId} is in review: nobody works on it. Give it up, or wait for the review.`, ['fail']);
  const at = isoNow(ports);
  const own = fields.details?.type === 'issue' ? fields.details : before.details;
  const { preferAgentId: _wanted, avoidAgentId: _avoided, notBefore, ...details } = own;
  const choice = {
    ...(agentId === null ? {} : { preferAgentId: agentId }),
    ...(agentId === null && before.assigneeAgentId !== undefined ? { avoidAgentId: before.assigneeAgentId } : {}),
  };
  if (before.status === 'open') {
    const wait = notBefore === undefined ? {} : { notBefore };
    return { after: revised(before, { ...fields, details: { ...details, ...wait, ...choice } }, at), writes: [] };
  }
  const moved = transition({ ...before, ...fields, details: { ...details, ...choice } }, { status: 'open' }, at);
  if (!moved.ok) throw conflict(`${moved.message}.`, moved.allowed);
  const attempts = Math.max(0, before.dispatchAttempts - 1);
  return { after: { ...moved.bead, dispatchAttempts: attempts }, writes: await freed(ports, before, at) };
};

const eventOf = (ports: Ports, act: Act, before: Bead, after: Bead, fields: readonly string[]) =>
  newEvent(
    {
      townId: act.townId,
      eventId: ports.ids.ulid(),
      type: fields.includes('assigneeAgentId') ? 'assigned' : 'fields_updated',
      actor: act.actor,
      at: isoNow(ports),
    },
    {
      beadId: act.beadId,
      ...(before.rigId === undefined ? {} : { rigId: before.rigId }),
      ...(before.status === after.status ? {} : { old: before.status, new: after.status }),
      data: {
        changed: [...fields],
        ...(fields.includes('held') ? { held: after.held } : {}),
        ...(fields.includes('assigneeAgentId') && isIssue(after) ? { wanted: after.details.preferAgentId ?? 'anybody else' } : {}),
      },
    },
  );

const waitsOf = async (ports: Ports, act: Act, bead: Bead, dependsOn: readonly string[]): Promise<Replacement | undefined> =>
  replacementOf({ ports, act, bead, edges: await ports.store.dependenciesOf(act.townId, act.beadId) }, [...new Set(dependsOn)]);

const decide = async (ports: Ports, act: Act, patch: BeadPatch, before: Bead): Promise<Decision<Bead>> => {
  checkEditable(before, patch);
  const fields = fieldsOf(before, patch);
  const names = Object.keys(fields).flatMap((name) => (name === 'bodyFile' ? [] : [name === 'details' ? 'issueType' : name]));
  const moves = patch.parentId !== undefined && (patch.parentId ?? undefined) !== before.parentId;
  if (moves && patch.assigneeAgentId !== undefined) throw unprocessable('Change the parent and the worker one after the other.');
  if (moves && patch.dependsOn !== undefined) throw unprocessable('Change the parent and what the bead waits for one after the other.');
  if (moves) {
    const [parent] =
      patch.parentId === null ? [] : await targetsOf(ports, act.townId, { ids: [patch.parentId ?? ''], path: 'body.parentId' });
    const writes = await setParent(ports, act, { bead: before, parent, patch: fields });
    const after = writes.flatMap((write) =>
      'put' in write && write.put === 'bead' && write.item.beadId === act.beadId ? [write.item] : [],
    );
    return { writes, result: presentBead(after[0] ?? before) };
  }
  if (patch.assigneeAgentId !== undefined && isIssue(before)) {
    const { after, writes } = await reassigned(ports, before, { agentId: patch.assigneeAgentId, fields });
    const event = eventOf(ports, act, before, after, [...names, 'assigneeAgentId']);
    return { writes: writesOf([{ before, after }], event, momentOf(ports), writes), result: presentBead(after) };
  }
  const waits = patch.dependsOn === undefined ? undefined : await waitsOf(ports, act, before, patch.dependsOn);
  if (names.length === 0 && waits === undefined) return { writes: [], result: presentBead(before) };
  const after = revised(before, { ...fields, ...(waits === undefined ? {} : { openBlockers: waits.openBlockers }) }, isoNow(ports));
  const event = names.length === 0 ? undefined : eventOf(ports, act, before, after, names);
  const more = waits === undefined ? [] : [...waits.writes, waits.event];
  return { writes: writesOf([{ before, after }], event, momentOf(ports), more), result: presentBead(after) };
};

/** The body that is really a new one. Throws 422 for a beginning that was taken for the whole. */
const newBody = (before: Bead, body: string | undefined): string | undefined => {
  if (body === undefined || body === before.body || isWholeOf(before, body)) return undefined;
  if (isOnlyBeginning(before, body))
    throw unprocessable(
      'This is the beginning of the body, with the note that there is more; read the whole first, or write another one.',
      [{ path: 'body.body', message: 'only the beginning' }],
    );
  return body;
};
const withoutFile = ({ bodyFile: _old, ...bead }: Bead): Bead => bead;

/**
 * Changes fields; `held` keeps an issue out of the ready queue or releases it, `assigneeAgentId` gives it back to its queue, for that agent
 * if it is free. Throws 404, 409 for a final bead, another version or a circle of parents, 422.
 */
export const updateBead = async (
  ports: Ports,
  request: Act & { readonly patch: BeadChanges; readonly ifMatch?: number | undefined },
): Promise<Bead> => {
  const { body: wanted, ...patch } = request.patch;
  let kept: KeptBody | undefined;
  let replaced: Bead | undefined;
  const result = await transact(ports, 'The bead', async () => {
    const before = await beadOf(ports, request.townId, request.beadId);
    checkVersion(request.ifMatch, before.version);
    checkEditable(before, patch);
    const body = newBody(before, wanted);
    replaced = body === undefined ? undefined : before;
    if (body === undefined) return decide(ports, request, patch, before);
    kept ??= await keptBody(ports, before, body);
    return decide(ports, request, { ...patch, keptBody: kept }, withoutFile(before));
  });
  if (replaced !== undefined) await forgetBody(ports, replaced);
  return result;
};
