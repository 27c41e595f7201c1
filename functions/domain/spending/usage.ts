// Turns counted calls into rows with a price and a payer, and rows into the writes that add them up. Pure.
import type { UsageRow } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import { tallyNumbers } from '../../contracts/usage.schema.ts';
import type { Tally, UsageItem } from '../../contracts/usage.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import type { Write } from '../../ports.ts';
import { isIssue, isMergeRequest } from '../bead-writes.ts';
import { costOf } from './price.ts';

const dayMs = 86_400_000;
/** UTC day of a time, `yyyymmdd`. */
export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
/** When the UTC day of this time is over, in ms. */
export const dayEndMs = (atMs: number): number => (Math.floor(atMs / dayMs) + 1) * dayMs;

/** The bead whose work this is: a review serves the request's source, a repair the bead that it repairs. */
export const servedBeadId = (bead: Bead): string => {
  if (isMergeRequest(bead)) return bead.details.sourceBeadId;
  if (isIssue(bead) && bead.details.mergeRequestId !== undefined && bead.parentId !== undefined) return bead.parentId;
  return bead.beadId;
};
export const convoyIdOf = (bead: Bead | undefined): string | undefined =>
  bead !== undefined && (isIssue(bead) || isMergeRequest(bead)) ? bead.details.convoyId : undefined;

export interface Attribution {
  readonly beadId?: string;
  readonly workBeadId?: string;
  readonly convoyId?: string;
  readonly rigId?: string;
  readonly requestedBy?: string;
}
/** `bead`: on the agent's hook · `served`: the bead that its work is for, where it is another one. */
export const attributionOf = (bead: Bead, served: Bead | undefined): Attribution => {
  const beadId = servedBeadId(bead);
  const convoyId = convoyIdOf(bead) ?? convoyIdOf(served);
  return {
    beadId,
    requestedBy: bead.requestedBy,
    ...(beadId === bead.beadId ? {} : { workBeadId: bead.beadId }),
    ...(convoyId === undefined ? {} : { convoyId }),
    ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }),
  };
};

export const modelUsage = (townId: string, row: UsageRow, about: Attribution, unknownUsdPerMTok: number): UsageItem => {
  const tokens = {
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    cacheReadTokens: row.cacheReadTokens,
    cacheWriteTokens: row.cacheWriteTokens ?? 0,
  };
  const cost = costOf({ ...tokens, provider: row.provider, model: row.model }, unknownUsdPerMTok);
  return {
    townId,
    day: dayOf(row.atMs),
    callId: row.callId,
    agentId: row.agentId,
    ...about,
    kind: 'model',
    ...(row.provider === undefined ? {} : { provider: row.provider }),
    model: row.model,
    ...tokens,
    ...cost,
    price: row.estimated === true && cost.price === 'listed' ? 'estimated' : cost.price,
    feature: 'gastown',
    durationMs: row.durationMs,
    at: new Date(row.atMs).toISOString(),
  };
};

const hourMs = 3_600_000;
const microUsdPerUsd = 1_000_000;
export interface RuntimeTime {
  readonly townId: string;
  readonly runtimeEpoch: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly usdPerHour: number;
  /** The person whose town it is. */
  readonly requestedBy: string;
}
/** The time of a runtime as rows, one for each UTC day that it touches; named by where it begins, so that it counts once. */
export const computeUsage = ({ townId, runtimeEpoch, fromMs, toMs, usdPerHour, requestedBy }: RuntimeTime): UsageItem[] => {
  const rows: UsageItem[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs = dayEndMs(startMs)) {
    const durationMs = Math.min(toMs, dayEndMs(startMs)) - startMs;
    rows.push({
      townId,
      day: dayOf(startMs),
      callId: `compute-${runtimeEpoch}-${startMs}`,
      requestedBy,
      kind: 'compute',
      model: 'runtime',
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costMicroUsd: Math.ceil((durationMs / hourMs) * usdPerHour * microUsdPerUsd),
      price: 'listed',
      feature: 'gastown',
      durationMs,
      at: new Date(startMs).toISOString(),
    });
  }
  return rows;
};

/** Tokens that a model had to work on: what came from its cache is not counted again. */
export const countedTokens = (row: Pick<UsageItem, 'inputTokens' | 'outputTokens' | 'cacheWriteTokens'>): number =>
  row.inputTokens + row.outputTokens + row.cacheWriteTokens;

const tallyOf = (row: UsageItem, period: Tally['period'], scope: string): Tally => {
  const costMicroUsd = row.costMicroUsd ?? 0;
  return {
    townId: row.townId,
    period,
    scope,
    ...(row.agentId === undefined || period === 'life' ? {} : { agentId: row.agentId }),
    ...(row.beadId === undefined || scope.startsWith('convoy#') ? {} : { beadId: row.beadId }),
    ...(row.convoyId === undefined ? {} : { convoyId: row.convoyId }),
    ...(row.rigId === undefined || period === 'life' ? {} : { rigId: row.rigId }),
    ...(row.requestedBy === undefined ? {} : { requestedBy: row.requestedBy }),
    // Of a bead's life: the model of its own worker, not of who reviews or repairs it.
    ...(period !== 'life' || (scope.startsWith('bead#') && row.kind === 'model' && row.workBeadId === undefined)
      ? { model: row.model }
      : {}),
    calls: row.kind === 'model' ? 1 : 0,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
    cacheReadTokens: row.cacheReadTokens,
    cacheWriteTokens: row.cacheWriteTokens,
    durationMs: row.durationMs,
    costMicroUsd,
    estimatedMicroUsd: row.price === 'estimated' ? costMicroUsd : 0,
    computeMicroUsd: row.kind === 'compute' ? costMicroUsd : 0,
  };
};

/** The sums that a row counts in: its part of the day, its bead's and its convoy's life. */
const talliesOf = (row: UsageItem): Tally[] => [
  tallyOf(row, row.day, [row.beadId ?? '-', row.requestedBy ?? '-', row.agentId ?? '-', row.model].join('#').slice(0, 500)),
  ...(row.beadId === undefined ? [] : [tallyOf(row, 'life', `bead#${row.beadId}`)]),
  ...(row.convoyId === undefined ? [] : [tallyOf(row, 'life', `convoy#${row.convoyId}`)]),
];

/** What passes read: one work item per rig and day, due when the day is over. */
const spendOf = (row: UsageItem): WorkItem => ({
  townId: row.townId,
  kind: 'spend',
  workId: `${row.day}#${row.rigId ?? '-'}`,
  dueAtMs: dayEndMs(Date.parse(row.at)),
  stamp: row.day,
  costMicroUsd: row.costMicroUsd ?? 0,
  tokens: countedTokens(row),
});

const summed = (one: Tally, other: Tally): Tally => {
  const sums: Tally = { ...one, ...other };
  for (const name of tallyNumbers) sums[name] = one[name] + other[name];
  return sums;
};

/** The writes that store new rows and count each of them once: the rows must be absent. */
export const usageWrites = (rows: readonly UsageItem[]): Write[] => {
  const tallies = new Map<string, Tally>();
  const spends = new Map<string, WorkItem>();
  for (const row of rows) {
    for (const tally of talliesOf(row)) {
      const key = `${tally.period} ${tally.scope}`;
      const known = tallies.get(key);
      tallies.set(key, known === undefined ? tally : summed(known, tally));
    }
    const spend = spendOf(row);
    const known = spends.get(spend.workId);
    spends.set(spend.workId, {
      ...spend,
      costMicroUsd: (spend.costMicroUsd ?? 0) + (known?.costMicroUsd ?? 0),
      tokens: (spend.tokens ?? 0) + (known?.tokens ?? 0),
    });
  }
  return [
    ...rows.map((item): Write => ({ put: 'usage', item, when: { absent: true } })),
    ...[...tallies.values()].map((item): Write => ({ add: 'tally', item, numbers: tallyNumbers, when: 'none' })),
    ...[...spends.values()].map((item): Write => ({ add: 'work', item, numbers: ['costMicroUsd', 'tokens'], when: 'none' })),
  ];
};

/** Rows in parts, each of which fits one transaction of `maxWrites`. */
export const usageBatches = (rows: readonly UsageItem[], maxWrites: number): UsageItem[][] => {
  const batches: UsageItem[][] = [];
  let batch: UsageItem[] = [];
  let keys = new Set<string>();
  for (const row of rows) {
    const its = [`row ${row.callId}`, ...talliesOf(row).map(({ period, scope }) => `${period} ${scope}`), `spend ${spendOf(row).workId}`];
    const together = new Set([...keys, ...its]);
    if (together.size > maxWrites && batch.length > 0) {
      batches.push(batch);
      batch = [];
      keys = new Set(its);
    } else keys = together;
    batch.push(row);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
};
