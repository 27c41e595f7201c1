// Sling: create a bead and let it be worked. One transaction: bead, edges, ready entry, event and the answer for the Idempotency-Key.
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { SlingInput } from '../contracts/routes.ts';
import { putWork, workItem, writesOf } from '../domain/bead-writes.ts';
import { isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newEvent } from '../domain/new-bead.ts';
import { reservedLabels, slungBead } from '../domain/sling.ts';
import type { NewDependency, Slinger } from '../domain/sling.ts';
import type { Ports, Write } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { namedRig } from './access.ts';
import { attachMolecule } from './attach-molecule.ts';
import { withKeptBody } from './bead-body.ts';
import { checkNewTarget, checkNewType, targetCheck, targetsOf, thereCheck } from './dependency-checks.ts';
import type { EdgeInput } from './dependency-checks.ts';
import { actOnce } from './once.ts';
import { newChild } from './parents.ts';
import { checkPersonas } from './personas.ts';
import { isoNow, momentOf } from './transact.ts';

export interface SlingOne {
  readonly townId: string;
  /** The person who started this chain of work. */
  readonly userId: string;
  readonly actor: Principal;
  readonly input: SlingInput;
  readonly idempotencyKey?: string | undefined;
  /** The bead during which it was found. */
  readonly discoveredFrom?: string;
  /** Create it without letting it be worked. */
  readonly held?: boolean;
}
const firstIdLength = 4;
/** Bead, ready entry, queue, event, answer, parent and its edge, graph version. */
const itemsBesideEdges = 9;
const maxItems = 100;

/** Items that the edges take: each two, the other bead as it must be, and who looks at its children. */
const itemsOf = (wanted: readonly NewDependency[]): number =>
  wanted.reduce(
    (sum, { target, type }) => sum + (target.status === 'closed' && isBlocking(type) ? 2 : 3) + (type === 'waits-for' ? 2 : 0),
    0,
  );

/** `dependsOn` and `dependencies` together, each once, with the other beads. Throws 409 and 422. */
const dependenciesOf = async (ports: Ports, townId: string, input: SlingInput): Promise<NewDependency[]> => {
  const plain = input.dependsOn.map((dependsOnId): EdgeInput => ({ dependsOnId, type: 'blocks' }));
  const typed: readonly EdgeInput[] = input.dependencies ?? [];
  const asked = [...new Map([...plain, ...typed].map((edge) => [`${edge.type} ${edge.dependsOnId}`, edge])).values()];
  for (const edge of typed) checkNewType(edge, input.parentId);
  const found = await targetsOf(ports, townId, {
    ids: [...new Set(asked.map(({ dependsOnId }) => dependsOnId))],
    path: plain.length === asked.length ? 'body.dependsOn' : 'body.dependencies',
  });
  const wanted = asked.flatMap(({ dependsOnId, type, gate }): NewDependency[] =>
    found.filter((bead) => bead.beadId === dependsOnId).map((target) => ({ target, type, ...(gate === undefined ? {} : { gate }) })),
  );
  for (const { target, type } of wanted) if (isBlocking(type)) checkNewTarget(target, type, asked);
  if (itemsBesideEdges + itemsOf(wanted) > maxItems)
    throw unprocessable(
      'It depends on too many open beads at once; about 30 are possible. Put a bead in between that depends on some of them.',
    );
  return wanted;
};

/** What is told while it is made must still be so when it is written: a blocker that closes meanwhile would never count it down. */
const checksOf = (wanted: readonly NewDependency[]): Write[] =>
  wanted.flatMap(({ target, type }) => {
    if (!isBlocking(type)) return [thereCheck(target)];
    return target.status === 'closed' && type !== 'waits-for' ? [] : [targetCheck(target)];
  });

/** Children may all be closed already; whoever closes later tells it by itself. */
const gateItems = (ports: Ports, wanted: readonly NewDependency[]): Write[] => {
  const { nowMs, stamp } = momentOf(ports);
  return wanted.flatMap(({ target, type }) =>
    type === 'waits-for' ? [putWork(workItem(target.townId, 'gate', target.beadId, nowMs, stamp))] : [],
  );
};

/** Ids of all that the new bead would wait for, the children behind `waits-for` among them. */
const behindOf = async (ports: Ports, townId: string, wanted: readonly NewDependency[]): Promise<string[]> => {
  const ids = await Promise.all(
    wanted
      .filter(({ type }) => isBlocking(type))
      .map(async ({ target: { beadId }, type }) => [
        beadId,
        ...(type === 'waits-for' ? (await ports.store.dependentsOf(townId, beadId, 'parent-child')).map((edge) => edge.beadId) : []),
      ]),
  );
  return ids.flat();
};

const foundEdge = ({ townId, at }: Slinger, beadId: string, dependsOnId: string): Write[] =>
  edgeWrites([newEdge({ townId, beadId, dependsOnId, type: 'discovered-from', at })]);

/**
 * Creates one bead. Throws 422 for an unknown rig, parent or blocker, a reserved label, or a key of another request; 409 when the blockers keep changing.
 * The answer is the stored bead.
 */
export const slingOne = async (ports: Ports, request: SlingOne): Promise<Bead> => {
  const { townId, userId, actor, input } = request;
  const held = request.held ?? false;
  const reserved = reservedLabels(input.labels);
  if (reserved.length > 0)
    throw unprocessable(`Labels that start with "gt:" are set by the server: ${reserved.join(', ')}. Ask by kind instead.`, [
      { path: 'body.labels', message: 'reserved label' },
    ]);
  await checkPersonas(ports, townId, [{ id: input.personaId, path: 'body.personaId' }]);
  const once = {
    what: 'The bead',
    scope: townId,
    key: request.idempotencyKey,
    act: held ? 'createBead' : 'sling',
    request: { userId, actor, input },
    answer: beadSchema,
  };
  return actOnce(ports, once, async (attempt) => {
    const [rig, dependencies] = await Promise.all([
      namedRig(ports, townId, input.rigId, 'body.rigId'),
      dependenciesOf(ports, townId, input),
    ]);
    const blockers = dependencies.filter(({ type }) => isBlocking(type)).map(({ target }) => target);
    const slinger: Slinger = { townId, userId, actor, at: isoNow(ports) };
    const beadId = `${rig.prefix}-${ports.ids.base36(firstIdLength + attempt)}`;
    const family =
      input.parentId === undefined
        ? undefined
        : await newChild(ports, { townId, beadId, parentId: input.parentId, blockers: await behindOf(ports, townId, dependencies) });
    const made = slungBead(slinger, beadId, input, { dependencies, held });
    const { edges } = made;
    const plain = await withKeptBody(ports, { ...made.bead, ...family?.fields });
    const attached =
      input.formula === undefined
        ? undefined
        : await attachMolecule(ports, slinger, plain, {
            wish: { formula: input.formula, variables: input.variables ?? {}, mode: input.molecule ?? 'checklist' },
            prefix: rig.prefix,
            blockers: blockers.map((blocker) => blocker.beadId),
            edgeItems: itemsOf(dependencies),
          });
    const bead = attached?.issue ?? plain;
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'created', actor, at: slinger.at },
      { beadId: bead.beadId, rigId: rig.rigId, new: bead.title, data: { held, dependsOn: blockers.map((blocker) => blocker.beadId) } },
    );
    const more: Write[] = [
      ...edgeWrites(edges, blockers),
      ...checksOf(dependencies),
      ...gateItems(ports, dependencies),
      ...(family?.writes ?? []),
      ...(request.discoveredFrom === undefined ? [] : foundEdge(slinger, beadId, request.discoveredFrom)),
      ...(attached?.writes ?? []),
    ];
    return {
      writes: writesOf([...(family?.changes ?? []), { after: bead }, ...(attached?.changes ?? [])], event, momentOf(ports), more),
      result: bead,
    };
  });
};
