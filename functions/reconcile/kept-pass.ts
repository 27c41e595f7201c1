// Passes that did something keep what they read and decided for 7 days, so that one can be planned again. Best effort: keeping never fails a pass.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { agentReportSchema, agentSchema } from '../contracts/agent.schema.ts';
import { beadSchema } from '../contracts/bead.schema.ts';
import { keptPassDays, keptPassesPrefix } from '../contracts/observability.schema.ts';
import { commandSchema, runtimeLeaseSchema } from '../contracts/runner.schema.ts';
import { mayorMessageSchema, rigSchema, townSchema } from '../contracts/town.schema.ts';
import { alarmSchema, readyEntrySchema, slotSchema, trainSchema, workItemSchema } from '../contracts/work.schema.ts';
import type { Plan } from '../domain/plan/action.ts';
import type { Snapshot } from '../domain/plan/snapshot.ts';
import type { Ports } from '../ports.ts';

/** A larger one is not kept. */
const mostBytes = 2 * 1024 * 1024;

const snapshotSchema = z.object({
  town: townSchema,
  rigs: z.array(rigSchema),
  lease: runtimeLeaseSchema.optional(),
  alarm: alarmSchema.optional(),
  work: z.array(workItemSchema),
  agents: z.array(agentSchema),
  reports: z.array(agentReportSchema),
  slots: z.array(slotSchema),
  trains: z.array(trainSchema),
  beads: z.array(beadSchema),
  ready: z.array(z.object({ rigId: z.string(), queue: z.string(), entries: z.array(readyEntrySchema) })),
  commands: z.array(commandSchema),
  mayorMessages: z.array(mayorMessageSchema),
});
const actionSchema = z.object({ rule: z.string(), kind: z.string(), subject: z.string(), sentence: z.string() });
export type ActionLine = z.infer<typeof actionSchema>;
const keptSchema = z.object({ passId: z.string(), nowMs: z.int(), actions: z.array(actionSchema), snapshot: snapshotSchema });
export interface KeptPass {
  readonly passId: string;
  readonly nowMs: number;
  readonly actions: readonly ActionLine[];
  readonly snapshot: Snapshot;
}

/** Task tokens of reviews and commands, and the hash of the bootstrap token. */
const secretKeys = new Set(['token', 'bootstrapTokenHash']);
const withoutSecrets = (key: string, value: unknown): unknown => (secretKeys.has(key) && typeof value === 'string' ? 'withheld' : value);

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const folderOf = (townId: string): string => `${keptPassesPrefix}/${townId}/`;
/** `<day>_<ulid>`: the day is part of the id, so that a pass is found without a list. */
const pathOf = (townId: string, passId: string): string => `${folderOf(townId)}${passId.replace('_', '/')}.json.gz`;

const packed = promisify(gzip);
const unpacked = promisify(gunzip);

export const actionLines = ({ actions }: Pick<Plan, 'actions'>): ActionLine[] =>
  actions.map(({ rule, kind, subject, sentence }) => ({ rule, kind, subject, sentence }));

export const keepPass = async (
  ports: Pick<Ports, 'files' | 'ids' | 'log'>,
  snapshot: Snapshot,
  decided: Plan,
  nowMs: number,
): Promise<void> => {
  const { townId } = snapshot.town;
  const passId = `${dayOf(nowMs)}_${ports.ids.ulid()}`;
  try {
    const body = await packed(JSON.stringify({ passId, nowMs, actions: actionLines(decided), snapshot }, withoutSecrets));
    if (body.byteLength > mostBytes) ports.log.warn('pass_not_kept', { townId, bytes: body.byteLength });
    else await ports.files.put(pathOf(townId, passId), body);
  } catch (error) {
    ports.log.warn('pass_not_kept', { townId, error: error instanceof Error ? error.message : 'unknown' });
  }
};

/** Ids of the passes of a day (`yyyy-mm-dd`), oldest first. */
export const keptPasses = async (ports: Pick<Ports, 'files'>, townId: string, day: string): Promise<string[]> => {
  const paths = await ports.files.list(`${folderOf(townId)}${day}/`);
  return paths.flatMap((path) => {
    const name = /\/(\d{4}-\d{2}-\d{2})\/([^/]+)\.json\.gz$/.exec(path);
    return name === null ? [] : [`${name[1] ?? ''}_${name[2] ?? ''}`];
  });
};

/** Undefined when it is not kept (any more). */
export const readKeptPass = async (ports: Pick<Ports, 'files'>, townId: string, passId: string): Promise<KeptPass | undefined> => {
  const body = await ports.files.get(pathOf(townId, passId));
  if (body === undefined) return undefined;
  const { nowMs, actions, snapshot } = keptSchema.parse(JSON.parse((await unpacked(body)).toString('utf8')));
  const { lease, alarm, ...parts } = snapshot;
  return {
    passId,
    nowMs,
    actions,
    snapshot: { ...parts, ...(lease === undefined ? {} : { lease }), ...(alarm === undefined ? {} : { alarm }) },
  };
};

/** All of a deleted town's. */
export const forgetPasses = (ports: Pick<Ports, 'files'>, townId: string): Promise<void> => ports.files.removePrefix(folderOf(townId));

const dayMs = 86_400_000;
/** Days that are forgotten at most, should nobody have done so for long. */
const daysBack = 30;
/** What is older than 7 days, where no bucket does it by itself. */
export const forgetOldPasses = async (ports: Pick<Ports, 'files'>, townId: string, nowMs: number): Promise<void> => {
  for (let back = keptPassDays + 1; back <= keptPassDays + daysBack; back += 1)
    await ports.files.removePrefix(`${folderOf(townId)}${dayOf(nowMs - back * dayMs)}/`);
};
