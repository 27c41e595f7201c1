// Pouring a formula: into the steps of one issue (new or already there), or into a convoy of issues that depend on each other.
import type { Bead } from '../contracts/bead.schema.ts';
import { beadSchema } from '../contracts/bead.schema.ts';
import type { CookedStep, MoleculeMode } from '../contracts/molecule.schema.ts';
import type { Principal, Priority } from '../contracts/primitives.schema.ts';
import { limits } from '../contracts/primitives.schema.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { conflict, unprocessable } from '../api/problems.ts';
import { beadOf, namedRig } from './access.ts';
import { attachMolecule } from './attach-molecule.ts';
import type { ConvoyView } from './convoys.ts';
import { cookNamed, formulaOf } from './formulas.ts';
import { actOnce } from './once.ts';
import { slingBatch } from './sling-batch.ts';
import { slingOne } from './sling.ts';
import { isoNow, momentOf } from './transact.ts';

export interface PourInput {
  readonly variables: Readonly<Record<string, string>>;
  readonly as?: MoleculeMode | 'convoy' | undefined;
  /** Attach to this open issue; absent: a new one is made. */
  readonly beadId?: string | undefined;
  readonly rigId?: string | undefined;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly priority?: Priority | undefined;
}
export interface Pour {
  readonly townId: string;
  readonly userId: string;
  readonly actor: Principal;
  readonly name: string;
  readonly input: PourInput;
  readonly idempotencyKey?: string | undefined;
}
export type Poured =
  | { readonly kind: 'convoy'; readonly convoy: ConvoyView }
  | { readonly kind: 'molecule'; readonly bead: Bead; readonly molecule: Bead };

const gated = (steps: readonly CookedStep[]): readonly CookedStep[] =>
  steps.filter((step) => step.gate !== undefined || step.round !== undefined || step.needsAny !== undefined);

/** Each step is an issue of its own, given out by itself. */
const pourConvoy = async (ports: Ports, request: Pour): Promise<Poured> => {
  const { townId, userId, actor, name, input } = request;
  const title = input.title ?? name;
  const subject = { title, description: input.body ?? '' };
  const { steps } = await cookNamed(ports, { townId, name, variables: input.variables, subject, known: { rig: input.rigId ?? '' } });
  const [odd] = gated(steps);
  if (odd !== undefined)
    throw unprocessable(
      `Step ${odd.stepId} has ${odd.gate !== undefined ? 'a gate' : odd.round !== undefined ? 'a loop with until' : 'a choice of needs'}, which beads of a convoy cannot have; pour it as a molecule.`,
    );
  if (steps.length > limits.batchTasks)
    throw unprocessable(`${name} has ${steps.length} steps; a convoy has at most ${limits.batchTasks} beads.`);
  const index = new Map(steps.map((step, position) => [step.stepId, position]));
  const convoy = await slingBatch(ports, {
    townId,
    userId,
    actor,
    idempotencyKey: request.idempotencyKey,
    input: {
      title,
      ...(input.rigId === undefined ? {} : { rigId: input.rigId }),
      tasks: steps.map((step) => ({
        title: step.title.slice(0, limits.titleCharacters),
        body: [step.description, step.acceptance === undefined ? '' : `Done when: ${step.acceptance}`]
          .filter((part) => part !== '')
          .join('\n\n'),
        kind: step.kind ?? 'work',
        dependsOn: step.needs.flatMap((need) => index.get(need) ?? []),
        priority: step.priority ?? input.priority ?? 'medium',
      })),
      parallel: true,
    },
  });
  return { kind: 'convoy', convoy };
};

const withMolecule = async (ports: Ports, bead: Bead): Promise<Poured> => {
  const moleculeId = isIssue(bead) ? bead.details.moleculeId : undefined;
  if (moleculeId === undefined) throw conflict(`${bead.beadId} has no molecule.`);
  return { kind: 'molecule', bead, molecule: await beadOf(ports, bead.townId, moleculeId) };
};

const attachTo = (ports: Ports, request: Pour, beadId: string, mode: MoleculeMode): Promise<Bead> => {
  const { townId, userId, actor, name, input } = request;
  const once = {
    what: 'The bead',
    scope: townId,
    key: request.idempotencyKey,
    act: 'pour',
    request: { userId, actor, name, input },
    answer: beadSchema,
  };
  return actOnce(ports, once, async () => {
    const before = await beadOf(ports, townId, beadId);
    if (!isIssue(before) || before.status !== 'open')
      throw conflict(
        `${beadId} is ${isIssue(before) ? before.status.replace('_', ' ') : `a ${before.type.replace('_', ' ')}`}; a molecule is attached to an open issue.`,
        [],
      );
    if (before.details.moleculeId !== undefined || before.details.kind === 'step')
      throw conflict(`${beadId} has a molecule already, or is a step of one.`, []);
    const rig = await namedRig(ports, townId, before.rigId ?? '', 'body.beadId');
    const at = isoNow(ports);
    const wish = { formula: name, variables: input.variables, mode };
    const attached = await attachMolecule(ports, { townId, userId, actor, at }, before, {
      wish,
      prefix: rig.prefix,
      blockers: (await ports.store.dependenciesOf(townId, beadId)).map((edge) => edge.dependsOnId),
    });
    const { details, openBlockers } = attached.issue;
    const after = revised(before, { details, openBlockers }, at);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor, at },
      { beadId, rigId: rig.rigId, data: { changed: ['molecule'], formula: name } },
    );
    return { writes: writesOf([{ before, after }, ...attached.changes], event, momentOf(ports), attached.writes), result: after };
  });
};

/**
 * Pours a formula. A convoy formula makes a convoy; any other a molecule, poured into step beads unless a checklist is asked for.
 * Throws 404, 409, and 422 with every problem of the formula.
 */
export const pourFormula = async (ports: Ports, request: Pour): Promise<Poured> => {
  const { townId, userId, actor, name, input } = request;
  const formula = await formulaOf(ports, townId, name);
  const as = input.as ?? (formula.type === 'convoy' ? 'convoy' : 'poured');
  if (as === 'convoy') return pourConvoy(ports, request);
  if (input.beadId !== undefined) return withMolecule(ports, await attachTo(ports, request, input.beadId, as));
  if (input.rigId === undefined)
    throw unprocessable('Say where: rigId for a new bead, or beadId of an open one.', [{ path: 'body.rigId', message: 'missing' }]);
  const bead = await slingOne(ports, {
    townId,
    userId,
    actor,
    idempotencyKey: request.idempotencyKey,
    input: {
      rigId: input.rigId,
      title: input.title ?? name,
      body: input.body ?? formula.description ?? '',
      kind: 'work',
      issueType: 'task',
      labels: [],
      metadata: {},
      dependsOn: [],
      priority: input.priority ?? 'medium',
      formula: name,
      variables: { ...input.variables },
      molecule: as,
    },
  });
  return withMolecule(ports, bead);
};
