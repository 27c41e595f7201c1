// The rounds of the night: every town, page by page: its invariants, files that nothing names, history that is too old. How far they came is
// in Files, so that whoever was killed or ran out of time is followed by somebody who goes on there.
import { z } from 'zod';
import { townIdSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';
import { BadCursor, StoreUnavailable } from '../store-errors.ts';
import { auditPage } from './audit.ts';
import { removeOrphans } from './orphan-files.ts';
import { forgetOld } from './retention.ts';

const progressPath = 'audit/progress.json';
const beadsPerPage = 50;
/** From the start of one round to the next. */
const roundMs = 24 * 60 * 60 * 1000;

const progressSchema = z.object({
  startedAtMs: z.int(),
  /** The town that is being looked at, and the page of its beads. */
  townId: townIdSchema.optional(),
  beadCursor: z.string().optional(),
  /** Where the next town is; absent with `townId`: it is the last. */
  townCursor: z.string().optional(),
  complete: z.boolean(),
  towns: z.int(),
  /** Towns that could not be read to the end; the log names them. */
  failed: z.int(),
  checked: z.int(),
  violations: z.int(),
  repaired: z.int(),
  /** Old items, old files, and files that nothing named. */
  removed: z.int(),
});
type Progress = z.infer<typeof progressSchema>;
export type NightlyResult = Pick<Progress, 'complete' | 'towns' | 'failed' | 'checked' | 'violations' | 'repaired' | 'removed'>;
const fresh = (startedAtMs: number): Progress => ({
  startedAtMs,
  complete: false,
  towns: 0,
  failed: 0,
  checked: 0,
  violations: 0,
  repaired: 0,
  removed: 0,
});

/** What is not readable is begun anew. */
const stored = async (ports: Pick<Ports, 'files'>): Promise<Progress | undefined> => {
  const body = await ports.files.get(progressPath);
  if (body === undefined) return undefined;
  try {
    return progressSchema.safeParse(JSON.parse(new TextDecoder().decode(body))).data;
  } catch {
    // Not JSON: as if it had never been.
    return undefined;
  }
};
const save = (ports: Pick<Ports, 'files'>, progress: Progress): Promise<void> =>
  ports.files.put(progressPath, new TextEncoder().encode(JSON.stringify(progress)));

/** The round that is under way, or a new one when the last began a day ago; undefined: it is done. */
const roundOf = async (ports: Pick<Ports, 'files' | 'clock'>): Promise<Progress | undefined> => {
  const before = await stored(ports);
  const nowMs = ports.clock.nowMs();
  if (before === undefined) return fresh(nowMs);
  if (!before.complete) return before;
  return nowMs - before.startedAtMs >= roundMs ? fresh(nowMs) : undefined;
};

/** The next town; a round without one is complete. */
const withTown = async (ports: Ports, progress: Progress): Promise<Progress> => {
  const { townCursor, beadCursor: _none, townId: _last, ...counts } = progress;
  const page = await ports.store.everyTown({ limit: 1, cursor: townCursor });
  const next = page.cursor === undefined ? {} : { townCursor: page.cursor };
  const [town] = page.items;
  if (town !== undefined) return { ...counts, ...next, townId: town.townId };
  // A page may be empty although there are more: a town that was removed meanwhile.
  return page.cursor === undefined ? { ...counts, complete: true } : withTown(ports, { ...counts, ...next });
};

const finishTown = async (ports: Ports, townId: string): Promise<number> => {
  const town = await ports.store.get('town', { townId });
  // What a town leaves that is being deleted is removed with it.
  if (town === undefined || town.deletedAt !== undefined) return 0;
  return (await removeOrphans(ports, townId)) + (await forgetOld(ports, town));
};

/** One page of one town. */
const step = async (ports: Ports, progress: Progress): Promise<Progress> => {
  const { townId, beadCursor, ...rest } = progress;
  if (townId === undefined) return withTown(ports, progress);
  const page = await auditPage(ports, { townId, limit: beadsPerPage, cursor: beadCursor, repair: true });
  const counted = {
    ...rest,
    checked: rest.checked + page.checked,
    violations: rest.violations + page.violations.length,
    repaired: rest.repaired + page.repaired,
  };
  if (page.cursor !== undefined) return { ...counted, townId, beadCursor: page.cursor };
  const removed = await finishTown(ports, townId);
  const done = { ...counted, towns: rest.towns + 1, removed: rest.removed + removed };
  return done.townCursor === undefined ? { ...done, complete: true } : done;
};

/** One town that cannot be read keeps no other from being looked at. Throws when the table is away: the next hour goes on here. */
const afterFailure = (ports: Ports, progress: Progress, error: unknown): Progress => {
  const { townId, beadCursor: _none, ...rest } = progress;
  if (error instanceof BadCursor) return fresh(progress.startedAtMs);
  if (error instanceof StoreUnavailable || townId === undefined) throw error;
  ports.log.error('audit_town_failed', { townId, error: error instanceof Error ? error.name : 'unknown' });
  const failed = { ...rest, failed: rest.failed + 1 };
  return failed.townCursor === undefined ? { ...failed, complete: true } : failed;
};

const resultOf = ({ complete, towns, failed, checked, violations, repaired, removed }: Progress): NightlyResult => ({
  complete,
  towns,
  failed,
  checked,
  violations,
  repaired,
  removed,
});

/**
 * Goes on with the round of this night until `untilMs`; undefined when it is done already. Called again it goes on where it was, also after
 * a kill: a page at most is looked at twice.
 */
export const nightlyRounds = async (ports: Ports, untilMs: number): Promise<NightlyResult | undefined> => {
  let progress = await roundOf(ports);
  if (progress === undefined) return undefined;
  while (!progress.complete && ports.clock.nowMs() < untilMs) {
    try {
      progress = await step(ports, progress);
    } catch (error) {
      progress = afterFailure(ports, progress, error);
    }
    await save(ports, progress);
  }
  return resultOf(progress);
};
