// What every action of a pass uses: ports, the town, the time, and the pieces of a transaction.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { EventType, TownEvent } from '../contracts/event.schema.ts';
import type { EscalationCause } from '../contracts/message.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { Rig } from '../contracts/town.schema.ts';
import type { OnceMark } from '../contracts/work.schema.ts';
import { writesOf } from '../domain/bead-writes.ts';
import type { Moment } from '../domain/bead-writes.ts';
import { newBead, newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';

export interface PassContext {
  readonly ports: Ports;
  readonly townId: string;
}
/** `lost`: what the plan saw does not hold any more; nothing was changed. */
export type Applied = 'done' | 'lost';

export const isoOf = (ctx: PassContext): string => new Date(ctx.ports.clock.nowMs()).toISOString();
export const momentIn = (ctx: PassContext): Moment => ({ nowMs: ctx.ports.clock.nowMs(), stamp: ctx.ports.ids.ulid() });

/** The event of a transaction that a rule makes. */
export const ruleEvent = (
  ctx: PassContext,
  rule: string,
  type: EventType,
  more: Partial<Omit<TownEvent, 'townId' | 'eventId' | 'type' | 'actor' | 'at'>> = {},
): TownEvent => newEvent({ townId: ctx.townId, eventId: ctx.ports.ids.ulid(), type, actor: `patrol:${rule}`, at: isoOf(ctx) }, more);

/** Commits and says whether the conditions held. */
export const commit = async (ctx: PassContext, writes: readonly Write[]): Promise<Applied> =>
  (await ctx.ports.store.commit(writes)).ok ? 'done' : 'lost';

export const beadOf = (ctx: PassContext, beadId: string): Promise<Bead | undefined> =>
  ctx.ports.store.get('bead', { townId: ctx.townId, beadId });

export const rigNamed = async (ctx: PassContext, rigId: string | undefined): Promise<Rig | undefined> =>
  rigId === undefined ? undefined : ctx.ports.store.get('rig', { townId: ctx.townId, rigId });

const markDays = 90;
const daySeconds = 86_400;
export const onceMark = (ctx: PassContext, mark: string): OnceMark => {
  const nowMs = ctx.ports.clock.nowMs();
  return {
    townId: ctx.townId,
    mark,
    createdAt: new Date(nowMs).toISOString(),
    deleteAfterEpochSeconds: Math.floor(nowMs / 1000) + markDays * daySeconds,
  };
};

export interface EscalationInput {
  readonly rule: string;
  /** `<rule>#<subject>#<round>`: the same one is written once. */
  readonly mark: string;
  readonly severity: BeadOf<'escalation'>['details']['severity'];
  readonly category: BeadOf<'escalation'>['details']['category'];
  readonly title: string;
  readonly body: string;
  readonly about?: Bead | undefined;
  /** When this is over, it closes by itself; absent: when its bead has come to a good end, or somebody acknowledges it. */
  readonly cause?: EscalationCause | undefined;
}
const idLength = 5;

/** The writes of an escalation, to be part of the transaction that needs it; none when it was written before. */
export const escalationWrites = async (ctx: PassContext, input: EscalationInput): Promise<Write[]> => {
  const [told, town] = await Promise.all([
    ctx.ports.store.get('once', { townId: ctx.townId, mark: input.mark }),
    ctx.ports.store.get('town', { townId: ctx.townId }),
  ]);
  if (told !== undefined) return [];
  const source: Principal = `patrol:${input.rule}`;
  const bead = newBead(
    {
      townId: ctx.townId,
      beadId: `hq-${ctx.ports.ids.base36(idLength)}`,
      title: input.title.slice(0, 500),
      at: isoOf(ctx),
      createdBy: source,
      requestedBy: input.about?.requestedBy ?? town?.ownerId ?? 'town',
      details: {
        type: 'escalation',
        severity: input.severity,
        category: input.category,
        source,
        ...(input.about === undefined ? {} : { aboutBeadId: input.about.beadId }),
        ...(input.cause === undefined ? {} : { cause: input.cause }),
      },
    },
    { body: input.body, priority: input.severity, ...(input.about?.rigId === undefined ? {} : { rigId: input.about.rigId }) },
  );
  return writesOf([{ after: bead }], undefined, momentIn(ctx), [{ put: 'once', item: onceMark(ctx, input.mark), when: { absent: true } }]);
};

/** Delay before the next try after `failures` failures, in ms; the last step repeats. */
export const backoffMs = (ctx: PassContext, failures: number): number => {
  const steps = ctx.ports.deployment.timings.dispatchBackoffMs;
  return steps[Math.min(Math.max(failures, 1), steps.length) - 1] ?? 0;
};
export const isoAfter = (ctx: PassContext, delayMs: number): string => new Date(ctx.ports.clock.nowMs() + delayMs).toISOString();
