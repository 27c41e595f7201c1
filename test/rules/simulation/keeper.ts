// What the person who keeps a simulated town does beside the work: settings while agents work, repositories that come and go, personas, imports.
import type { SettingsPatch } from '../../../functions/contracts/settings.schema.ts';
import { updateConfig, updateRigConfig } from '../../../functions/operations/change-settings.ts';
import { deleteRig } from '../../../functions/operations/delete-town.ts';
import { importBeads } from '../../../functions/operations/import-beads.ts';
import { createPersona, deletePersona, updatePersona } from '../../../functions/operations/personas.ts';
import { createRig } from '../../../functions/operations/rigs.ts';
import type { Ports } from '../../../functions/ports.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import { refused } from './workers.ts';

export interface KeeperWorld {
  readonly ports: Ports;
  readonly townId: string;
  readonly random: Random;
  readonly schedule: Schedule;
  readonly rigs: () => readonly [string, ...string[]];
}
const userId = 'ada';
const second = 1_000;

export const gatesOf = (random: Random): NonNullable<SettingsPatch['gates']> =>
  ['lint', 'test']
    .filter(() => random.chance(0.5))
    .map((name) => ({ name, command: `npm run ${name}`, timeoutSeconds: 600, phase: 'both' }));

/** Settings that are changed while everything runs; null takes a value away. */
const townPatch = (random: Random): SettingsPatch =>
  random.pick<() => SettingsPatch>([
    () => ({ 'limits.maxPolecatsPerRig': random.pick([null, 1, 2, 4, 8]) }),
    () => ({ 'limits.maxAgents': random.pick([null, 2, 4, 8, 16]) }),
    () => ({ 'limits.maxDispatchAttempts': random.pick([null, 1, 2, 5, 8]) }),
    () => ({ 'limits.beadTimeoutMinutes': random.pick([null, 10, 240]) }),
    () => ({ 'convoy.mergeMode': random.pick([null, 'review-and-merge', 'review-then-land'] as const) }),
    () => ({ 'merge.codeReview': random.pick([null, true, false]) }),
    () => ({ 'merge.maxReworkRounds': random.pick([null, 1, 3]) }),
    () => ({ 'merge.autoResolveConflicts': random.pick([null, true, false]) }),
    () => ({ 'budget.dayUsd': random.pick([null, 1, 50, 10_000]) }),
    () => ({ 'budget.beadUsd': random.pick([null, 0.3, 10]) }),
    () => ({ 'runtime.idleMinutes': random.pick([null, 1, 30]) }),
    () => ({ gates: gatesOf(random) }),
  ])();
const rigPatch = (random: Random): SettingsPatch =>
  random.pick<() => SettingsPatch>([
    () => ({ 'limits.maxPolecatsPerRig': random.pick([null, 1, 3, 6]) }),
    () => ({ 'limits.maxAgents': random.pick([null, 1, 3, 6]) }),
    () => ({ 'limits.maxDispatchAttempts': random.pick([null, 1, 5]) }),
    () => ({ 'budget.rigDayUsd': random.pick([null, 0.5, 1_000]) }),
    () => ({ 'merge.deleteBranches': random.pick([null, true, false]) }),
    () => ({ gates: gatesOf(random) }),
  ])();

const settings = async ({ ports, townId, random, rigs }: KeeperWorld): Promise<void> => {
  if (random.chance(0.6)) await updateConfig(ports, { townId, userId, patch: townPatch(random) });
  else await updateRigConfig(ports, { townId, rigId: random.pick(rigs()), userId, patch: rigPatch(random) });
};

const repositories = async ({ ports, townId, random, rigs }: KeeperWorld): Promise<void> => {
  const known = rigs();
  if (known.length > 1 && random.chance(0.4))
    await deleteRig(ports, { townId, rigId: random.pick(known), userId, force: random.chance(0.5) });
  else if (known.length < 5) {
    const name = `repo-${random.between(1, 1_000_000)}`;
    const input = { name, gitUrl: `https://github.com/ada/${name}.git`, gates: gatesOf(random) };
    await createRig(ports, { townId, userId, input });
  }
};

const own = ['careful', 'quick'] as const;
/** Personas that work may name; some exist in a town only sometimes. */
export const personaIds = ['test-writer', 'pentester', ...own] as const;
const personas = async ({ ports, townId, random }: KeeperWorld): Promise<void> => {
  const personaId = random.pick(own);
  const act = random.next();
  const gates = random.chance(0.5) ? gatesOf(random) : undefined;
  const shape = { overlay: 'Take your time.', ...(gates === undefined ? {} : { gates }) };
  if (act < 0.5) await createPersona(ports, { townId, userId, input: { personaId, name: personaId, ...shape } });
  else if (act < 0.8) await updatePersona(ports, { townId, userId, personaId, patch: shape });
  else await deletePersona(ports, { townId, userId, personaId });
};

const beadStates = ['open', 'open', 'open', 'in_progress', 'closed', 'deferred'] as const;
const edgeTypes = ['blocks', 'parent-child', 'related', 'discovered-from', 'waits-for'] as const;
/** A Beads file of this many lines, whose beads depend on earlier ones of the file. */
const linesOf = (random: Random, name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const status = random.pick(beadStates);
    const dependencies =
      index === 0 || random.chance(0.5)
        ? []
        : [{ issue_id: `${name}-${index}`, depends_on_id: `${name}-${random.between(0, index - 1)}`, type: random.pick(edgeTypes) }];
    return JSON.stringify({
      id: `${name}-${index}`,
      title: `Imported ${index}`,
      status,
      priority: random.between(0, 4),
      issue_type: random.pick(['task', 'bug', 'epic', 'story']),
      ...(status === 'closed' ? { closed_at: '2026-01-02T00:00:00Z' } : {}),
      dependencies,
      odd: { kept: true },
    });
  });

/** A file that comes in parts, side by side with everything else; some never come to an end. */
export const importFile = async (world: KeeperWorld, name: string, beads: number): Promise<void> => {
  const { ports, townId, random, schedule, rigs } = world;
  const lines = linesOf(random, name, beads);
  const parts = random.between(1, 3);
  const whole = { townId, rigId: random.pick(rigs()), userId, dryRun: false, partial: random.chance(0.5), hold: random.chance(0.3) };
  const importId = `i-${name}`;
  const isAbandoned = parts > 1 && random.chance(0.2);
  const size = Math.ceil(lines.length / parts);
  const send = async (part: number, left: number): Promise<void> => {
    const last = part === parts;
    if (last && isAbandoned) return;
    const text = lines.slice((part - 1) * size, part * size).join('\n');
    try {
      await importBeads(ports, { ...whole, importId, part, last, text });
    } catch (error) {
      refused(error);
      if (left > 0) schedule.after(random.between(1, 60) * second, () => send(part, left - 1));
      return;
    }
    if (!last) schedule.after(random.between(1, 60) * second, () => send(part + 1, tries));
  };
  const tries = 5;
  await send(1, tries);
};

/** One thing at any moment. */
export const keepOnce = async (world: KeeperWorld): Promise<void> => {
  const { random } = world;
  const what = random.next();
  const act = what < 0.7 ? settings : what < 0.85 ? personas : repositories;
  await act(world).catch(refused);
};
