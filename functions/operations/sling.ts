// Sling: create a bead and let it be worked. One transaction: bead, edges, ready entry, event and the answer for the Idempotency-Key.
import { beadSchema } from '../contracts/bead.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { SlingInput } from '../contracts/routes.ts';
import { writesOf } from '../domain/bead-writes.ts';
import { newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { newEvent } from '../domain/new-bead.ts';
import { reservedLabels, slungBead } from '../domain/sling.ts';
import type { Slinger } from '../domain/sling.ts';
import type { Ports, Write } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { namedRig } from './access.ts';
import { attachMolecule } from './attach-molecule.ts';
import { withKeptBody } from './bead-body.ts';
import { checkAwaited, targetCheck, targetsOf } from './dependency-checks.ts';
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

const blockersOf = async (ports: Ports, townId: string, ids: readonly string[]): Promise<Bead[]> => {
  const found = await targetsOf(ports, townId, { ids: [...new Set(ids)], path: 'body.dependsOn' });
  for (const blocker of found) checkAwaited(blocker);
  const weight = found.reduce((sum, bead) => sum + (bead.status === 'closed' ? 2 : 3), itemsBesideEdges);
  if (weight > maxItems)
    throw unprocessable(
      'It depends on too many open beads at once; about 30 are possible. Put a bead in between that depends on some of them.',
    );
  return found;
};

/** A blocker that closes at this very moment would never count down the new bead: its status must still hold. */
const blockerChecks = (blockers: readonly Bead[]): Write[] => blockers.filter((bead) => bead.status !== 'closed').map(targetCheck);

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
    const [rig, blockers] = await Promise.all([
      namedRig(ports, townId, input.rigId, 'body.rigId'),
      blockersOf(ports, townId, input.dependsOn),
    ]);
    const slinger: Slinger = { townId, userId, actor, at: isoNow(ports) };
    const beadId = `${rig.prefix}-${ports.ids.base36(firstIdLength + attempt)}`;
    const family = input.parentId === undefined ? undefined : await newChild(ports, { townId, beadId, parentId: input.parentId, blockers });
    const made = slungBead(slinger, beadId, input, { blockers, held });
    const { edges } = made;
    const plain = await withKeptBody(ports, { ...made.bead, ...family?.fields });
    const attached =
      input.formula === undefined
        ? undefined
        : await attachMolecule(ports, slinger, plain, {
            wish: { formula: input.formula, variables: input.variables ?? {}, mode: input.molecule ?? 'checklist' },
            prefix: rig.prefix,
            blockers: input.dependsOn,
          });
    const bead = attached?.issue ?? plain;
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'created', actor, at: slinger.at },
      { beadId: bead.beadId, rigId: rig.rigId, new: bead.title, data: { held, dependsOn: blockers.map((blocker) => blocker.beadId) } },
    );
    const more: Write[] = [
      ...edgeWrites(edges, blockers),
      ...blockerChecks(blockers),
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
