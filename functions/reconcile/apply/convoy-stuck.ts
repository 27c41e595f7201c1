// Applies C3: a convoy of which nothing is ready, running or waiting for a person is told to people once, with what is in its way.
import type { Bead, BeadOf } from '../../contracts/bead.schema.ts';
import type { Count } from '../../domain/convoy/progress.ts';
import { isBlocking } from '../../domain/dependencies.ts';
import { shortHash } from '../../domain/plan/names.ts';
import type { Write } from '../../ports.ts';
import { escalationWrites } from '../context.ts';
import type { PassContext } from '../context.ts';

/** Beads that are looked at on the way from the members to what holds them up. */
const mostLooked = 300;
const blockersNamed = 20;

/** Something that moves, or that a person has kept back on purpose. */
const moves = (bead: Bead): boolean =>
  bead.status === 'in_progress' || bead.status === 'in_review' || (bead.status === 'open' && bead.openBlockers === 0);

/** Beads that the members wait for in the end; undefined when one of them moves. */
const blockersOf = async (ctx: PassContext, convoy: Bead, members: readonly Bead[]): Promise<Bead[] | undefined> => {
  const { store } = ctx.ports;
  const seen = new Map<string, Bead>();
  let level: readonly Bead[] = members;
  while (level.length > 0 && seen.size < mostLooked) {
    const edges = (await Promise.all(level.map((bead) => store.dependenciesOf(ctx.townId, bead.beadId)))).flat();
    const ids = [...new Set(edges.filter((edge) => isBlocking(edge.type) && !edge.resolved).map((edge) => edge.dependsOnId))];
    const fresh = ids.filter((beadId) => !seen.has(beadId));
    const read = await store.getMany(
      'bead',
      fresh.map((beadId) => ({ townId: ctx.townId, beadId })),
    );
    level = read.flatMap((bead) => bead ?? []);
    for (const bead of level) seen.set(bead.beadId, bead);
    if (level.some(moves)) return undefined;
    // Another convoy's work that is merged but has not landed moves with that convoy.
    if (level.some((bead) => bead.details.type === 'issue' && bead.status === 'closed' && bead.details.convoyId !== convoy.beadId))
      return undefined;
  }
  return [...seen.values()];
};

export const stuckWrites = async (ctx: PassContext, convoy: Bead & BeadOf<'convoy'>, { unfinished, closed }: Count): Promise<Write[]> => {
  if ((convoy.details.landings ?? []).some((landing) => landing.state === 'landing' || landing.nextAt !== undefined)) return [];
  const blockers = await blockersOf(ctx, convoy, unfinished);
  if (blockers === undefined) return [];
  const ends = blockers.filter((bead) => !unfinished.includes(bead));
  const named = (ends.length > 0 ? ends : blockers).slice(0, blockersNamed);
  return escalationWrites(ctx, {
    rule: 'C3',
    mark: `C3#${convoy.beadId}#${shortHash([String(closed), ...named.map((bead) => bead.beadId).toSorted()].join())}`,
    severity: 'high',
    category: 'blocked',
    about: convoy,
    cause: { of: 'stuck', closed },
    title: `${convoy.title} is stuck: nothing of it can start`,
    body: `${unfinished.length} of its beads wait for ${named.map((bead) => `${bead.beadId} "${bead.title}" (${bead.status.replace('_', ' ')})`).join(', ')}, and nothing of that moves. Retry or replace what failed, or take the dependency away.`,
  });
};
