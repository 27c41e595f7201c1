// A simulated person: fills a town with work of every shape and, at random moments, edits, holds, retries, archives, removes and answers.
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { Principal, Priority } from '../../../functions/contracts/primitives.schema.ts';
import type { SlingInput } from '../../../functions/contracts/routes/sling.ts';
import { isConvoy, isIssue } from '../../../functions/domain/bead-writes.ts';
import { isFinal } from '../../../functions/domain/transition.ts';
import { endByHand } from '../../../functions/operations/agents-by-hand.ts';
import { archiveBead, archiveClosed, unarchiveBead } from '../../../functions/operations/archive.ts';
import { updateBead } from '../../../functions/operations/bead-fields.ts';
import { closeBead, failBead } from '../../../functions/operations/beads.ts';
import { addConvoyBead, closeConvoy, landConvoy, removeConvoyBead, updateConvoy } from '../../../functions/operations/convoy-edit.ts';
import { startConvoy } from '../../../functions/operations/convoy-start.ts';
import { deleteBead } from '../../../functions/operations/delete-bead.ts';
import { addDependency, removeDependency } from '../../../functions/operations/dependencies.ts';
import { resumeTown, stopTown } from '../../../functions/operations/emergency-stop.ts';
import { acknowledge } from '../../../functions/operations/escalations.ts';
import { sendMail } from '../../../functions/operations/mail.ts';
import { sayToMayor } from '../../../functions/operations/mayor.ts';
import { openGate } from '../../../functions/operations/molecules.ts';
import { sendNudge } from '../../../functions/operations/nudge.ts';
import { retryBead } from '../../../functions/operations/retry.ts';
import { slingBatch } from '../../../functions/operations/sling-batch.ts';
import { slingOne } from '../../../functions/operations/sling.ts';
import { commentOn, startBead } from '../../../functions/operations/start-bead.ts';
import type { Ports } from '../../../functions/ports.ts';
import { personaIds } from './keeper.ts';
import type { Random } from './random.ts';
import { refused } from './workers.ts';

/** How people answer what waits for them: soon, after so many hours, or never. */
export type Patience = 'soon' | 'late' | 'never';
const lateMs = 6 * 3_600_000;

export interface PersonWorld {
  readonly ports: Ports;
  readonly townId: string;
  readonly rigs: () => readonly [string, ...string[]];
  readonly random: Random;
  readonly patience: Patience;
  /** What is there now, as the table has it. */
  readonly beads: ReadonlyMap<string, Bead>;
}
const actor: Principal = 'user:ada';
const userId = 'ada';
const priorities: [Priority, ...Priority[]] = ['low', 'medium', 'high', 'critical'];
const formulas = ['conflict-resolve', 'shiny', 'polecat-work', 'gated'] as const;
const largestBatch = 30;

/** Asked again by the same key until it is answered, as a client does. */
const insistently = async (ask: () => Promise<unknown>): Promise<void> => {
  const tries = 5;
  for (let left = tries; left > 0; left -= 1) {
    try {
      await ask();
      return;
    } catch (error) {
      refused(error);
    }
  }
};

/** Every form of work once in a while. Answers how many beads were asked for. */
export const createWork = async (world: PersonWorld, most: number): Promise<number> => {
  const { ports, townId, rigs, random } = world;
  const rigIds = rigs();
  if (random.chance(0.5) || most < 3) {
    const one = { townId, userId, actor, input: single(world), held: random.chance(0.05), idempotencyKey: ports.ids.ulid() };
    await insistently(() => slingOne(ports, one));
    return 1;
  }
  const size = Math.min(most, random.between(3, largestBatch));
  const oneRig = random.chance(0.5) ? random.pick(rigIds) : undefined;
  const tasks = Array.from({ length: size }, (_, index) => ({
    title: `Task ${index}`,
    body: 'Do it.',
    priority: random.pick(priorities),
    rigId: oneRig ?? random.pick(rigIds),
    ...(random.chance(0.1) ? { kind: 'no-code' as const } : {}),
    ...(random.chance(0.1) ? { personaId: random.pick(personaIds) } : {}),
    dependsOn: Array.from({ length: Math.min(index, 3) }, (_each, back) => index - 1 - back).filter(() => random.chance(0.25)),
  }));
  const input = {
    title: 'A batch',
    tasks,
    mergeMode: random.pick(['review-and-merge', 'review-then-land'] as const),
    parallel: true,
    staged: random.chance(0.3),
    series: random.pick(['fan-out', 'single-agent'] as const),
    ...(random.chance(0.1) ? { budgetUsd: 2 } : {}),
  };
  const idempotencyKey = ports.ids.ulid();
  await insistently(() => slingBatch(ports, { townId, userId, actor, input, idempotencyKey }));
  return size;
};

const single = ({ random, rigs, beads }: PersonWorld): SlingInput => {
  const known = [...beads.values()].filter(isIssue).map((bead) => bead.beadId);
  const some = (count: number): string[] =>
    known.length === 0 ? [] : [...new Set(Array.from({ length: count }, () => known[random.between(0, known.length - 1)] ?? ''))];
  const kind = random.chance(0.15) ? 'no-code' : 'work';
  return {
    rigId: random.pick(rigs()),
    title: 'A single bead',
    body: '',
    kind,
    issueType: 'task',
    labels: [],
    metadata: {},
    priority: random.pick(priorities),
    dependsOn: random.chance(0.2) ? some(2) : [],
    ...(random.chance(0.15) ? { parentId: some(1)[0] } : {}),
    ...(random.chance(0.2) ? { formula: random.pick(formulas), molecule: random.pick(['poured', 'checklist'] as const) } : {}),
    ...(random.chance(0.15) ? { personaId: random.pick(personaIds) } : {}),
    ...(random.chance(0.05) ? { settings: { 'budget.beadUsd': 0.2 } } : {}),
  };
};

type Act = (world: PersonWorld, bead: Bead) => Promise<unknown>;
const about = ({ townId }: PersonWorld, { beadId }: Bead) => ({ townId, beadId, actor });
const another = ({ random, beads }: PersonWorld, wanted: (bead: Bead) => boolean): Bead | undefined => {
  const found = [...beads.values()].filter(wanted);
  return found[random.between(0, found.length - 1)];
};

const edits: readonly Act[] = [
  (world, bead) =>
    updateBead(world.ports, { ...about(world, bead), patch: { title: 'Another title', priority: world.random.pick(priorities) } }),
  (world, bead) => updateBead(world.ports, { ...about(world, bead), patch: { held: true } }),
  (world, bead) => updateBead(world.ports, { ...about(world, bead), patch: { held: false } }),
  (world, bead) => updateBead(world.ports, { ...about(world, bead), patch: { assigneeAgentId: null } }),
  (world, bead) => updateBead(world.ports, { ...about(world, bead), patch: { parentId: another(world, isIssue)?.beadId ?? null } }),
  (world, bead) => startBead(world.ports, about(world, bead)),
  (world, bead) => commentOn(world.ports, { ...about(world, bead), text: 'Look here.' }),
  (world, bead) => archiveBead(world.ports, about(world, bead)),
  (world, bead) => unarchiveBead(world.ports, about(world, bead)),
];
const endings: readonly Act[] = [
  (world, bead) => closeBead(world.ports, { ...about(world, bead), reason: 'It is done.' }),
  (world, bead) => failBead(world.ports, { ...about(world, bead), reason: 'Nobody needs it.' }),
  (world, bead) => deleteBead(world.ports, { ...about(world, bead), force: world.random.chance(0.5) }),
];
const edgeTypes = ['blocks', 'conditional-blocks', 'waits-for', 'related', 'discovered-from', 'duplicates'] as const;
const graph: readonly Act[] = [
  (world, bead) => {
    const type = world.random.pick(edgeTypes);
    const gate = type === 'waits-for' ? { gate: world.random.pick(['all', 'any'] as const) } : {};
    const target = another(world, (each) => isIssue(each) && (type !== 'waits-for' || each.hasChildren === true));
    return target === undefined
      ? Promise.resolve()
      : addDependency(world.ports, { ...about(world, bead), input: { dependsOnId: target.beadId, type, ...gate } });
  },
  async (world, bead) => {
    const [edge] = await world.ports.store.dependenciesOf(world.townId, bead.beadId);
    if (edge !== undefined) await removeDependency(world.ports, { ...about(world, bead), dependsOnId: edge.dependsOnId, type: edge.type });
  },
];

const openConvoy = (bead: Bead): boolean => isConvoy(bead) && !isFinal(bead.status);
const convoyActs: readonly Act[] = [
  (world, { beadId: convoyId }) => startConvoy(world.ports, { townId: world.townId, convoyId, actor }),
  (world, { beadId: convoyId }) => startConvoy(world.ports, { townId: world.townId, convoyId, actor }),
  (world, { beadId: convoyId }) =>
    updateConvoy(world.ports, { townId: world.townId, convoyId, actor, patch: { title: 'Renamed', budgetUsd: 1000 } }),
  (world, { beadId: convoyId }) => landConvoy(world.ports, { townId: world.townId, convoyId, actor, withoutFailed: true }),
  (world, { beadId: convoyId }) =>
    world.random.chance(0.3)
      ? closeConvoy(world.ports, { townId: world.townId, convoyId, actor, reason: 'Not needed.', cancelMembers: true })
      : Promise.resolve(),
  async (world, convoy) => {
    const bead = another(world, (each) => isIssue(each) && each.status === 'open' && each.details.convoyId === undefined);
    if (bead !== undefined) await addConvoyBead(world.ports, { townId: world.townId, convoyId: convoy.beadId, actor, beadId: bead.beadId });
  },
  async (world, convoy) => {
    const members = isConvoy(convoy) ? convoy.details.memberIds : [];
    const beadId = members[world.random.between(0, members.length - 1)];
    if (beadId !== undefined) await removeConvoyBead(world.ports, { townId: world.townId, convoyId: convoy.beadId, actor, beadId });
  },
];

const onIssue = async (world: PersonWorld, acts: readonly Act[]): Promise<void> => {
  const bead = another(world, isIssue);
  if (bead !== undefined) await acts[world.random.between(0, acts.length - 1)]?.(world, bead);
};
const onAgent = async ({ ports, townId, random }: PersonWorld): Promise<void> => {
  const agents = (await ports.store.agentsOf(townId)).filter((agent) => agent.role === 'polecat' || agent.role === 'refinery');
  const agent = agents[random.between(0, agents.length - 1)];
  if (agent === undefined) return;
  const { agentId } = agent;
  const how = random.pick(['end', 'nudge', 'mail']);
  if (how === 'end') await endByHand(ports, { townId, agentId, actor, act: random.pick(['reset', 'stop']) });
  else if (how === 'nudge') await sendNudge(ports, { townId, to: agentId, from: actor, requestedBy: userId, input: { text: 'Go on.' } });
  else
    await sendMail(
      ports,
      { townId, from: actor, requestedBy: userId },
      { to: agentId, subject: 'Hello', body: 'Go on.', idempotencyKey: ports.ids.ulid() },
    );
};
/** A letter to a worker, whoever that is. */
export const mailSomebody = async ({ ports, townId, random }: PersonWorld): Promise<void> => {
  const agents = (await ports.store.agentsOf(townId)).filter(({ role }) => role === 'polecat');
  const to = agents[random.between(0, agents.length - 1)]?.agentId ?? 'role:mayor';
  const input = { to, subject: 'Hello', body: 'Go on.', idempotencyKey: ports.ids.ulid() };
  await sendMail(ports, { townId, from: actor, requestedBy: userId }, input).catch(refused);
};
/** Answers what waits for people: escalations, gates, failed beads. */
export const answer = async (world: PersonWorld): Promise<void> => {
  const { ports, townId, random, patience } = world;
  if (patience === 'never') return;
  const untilMs = ports.clock.nowMs() - (patience === 'late' ? lateMs : 0);
  const wanted = another(
    world,
    (bead) =>
      Date.parse(bead.updatedAt) <= untilMs &&
      ((isIssue(bead) && bead.details.stepGate?.type === 'human' && bead.status === 'open') ||
        (bead.type === 'escalation' && bead.status === 'open') ||
        (isIssue(bead) && bead.status === 'failed' && bead.supersededBy === undefined)),
  );
  if (wanted === undefined) return;
  if (wanted.type === 'escalation') await acknowledge(ports, { townId, escalationId: wanted.beadId, actor });
  else if (wanted.status === 'failed') await (random.chance(0.5) ? retryBead(ports, about(world, wanted)) : undefined);
  else if (isIssue(wanted)) await openGate(ports, { ...about(world, wanted), stepId: wanted.details.stepGate?.stepId ?? '' });
};
const onTown = async ({ ports, townId, random }: PersonWorld): Promise<void> => {
  if (random.chance(0.6)) await sayToMayor(ports, { townId, userId, input: { text: 'How is it going?' } });
  else if (random.chance(0.7)) await archiveClosed(ports, { townId, actor });
  else await stopTown(ports, { townId, userId, reason: 'Wait.' });
};

/** One thing that a person does, at any moment. */
export const actOnce = async (world: PersonWorld): Promise<void> => {
  const { random } = world;
  const act = async (): Promise<void> => {
    const what = random.next();
    if (what < 0.4) return onIssue(world, edits);
    if (what < 0.45) return onIssue(world, endings);
    if (what < 0.6) return onIssue(world, graph);
    if (what < 0.72) {
      const convoy = another(world, openConvoy);
      await (convoy === undefined ? undefined : convoyActs[random.between(0, convoyActs.length - 1)]?.(world, convoy));
      return;
    }
    if (what < 0.78) return onAgent(world);
    return what < 0.97 ? answer(world) : onTown(world);
  };
  await act().catch(refused);
};
/** A stopped town goes on. */
export const goOn = async ({ ports, townId }: PersonWorld): Promise<void> => {
  await resumeTown(ports, { townId, userId }).catch(refused);
};

/** Lets go of everything that waits for a person: plans start, what is held or put away goes on, gates open, convoys land without what failed. */
export const tidyUp = async (world: PersonWorld): Promise<void> => {
  const { ports, townId, beads } = world;
  for (const bead of [...beads.values()].filter(({ status }) => !isFinal(status))) {
    const convoy = { townId, convoyId: bead.beadId, actor };
    if (isConvoy(bead)) {
      await startConvoy(ports, convoy).catch(refused);
      await landConvoy(ports, { ...convoy, withoutFailed: true }).catch(refused);
    } else if (isIssue(bead)) {
      if (bead.archivedAt !== undefined) await unarchiveBead(ports, about(world, bead)).catch(refused);
      if (bead.held) await updateBead(ports, { ...about(world, bead), patch: { held: false } }).catch(refused);
      const { stepGate } = bead.details;
      if (stepGate?.type === 'human') await openGate(ports, { ...about(world, bead), stepId: stepGate.stepId }).catch(refused);
    } else if (bead.type === 'escalation') await acknowledge(ports, { townId, escalationId: bead.beadId, actor }).catch(refused);
  }
};
