// Stores what a report says was spent: a row per call, added up in the same transaction, so that a repeated or cut-off report counts once.
import type { UsageRow } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import type { UsageItem } from '../contracts/usage.schema.ts';
import { beadLevel, budgetMicroUsdOf, unknownPriceUsdPerMTok } from '../domain/spending/budgets.ts';
import { attributionOf, convoyIdOf, modelUsage, servedBeadId, usageBatches, usageWrites } from '../domain/spending/usage.ts';
import type { Attribution } from '../domain/spending/usage.ts';
import { isConvoy, workItem } from '../domain/bead-writes.ts';
import { isFinal } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { StoreUnavailable } from '../store-errors.ts';

type UsagePorts = Pick<Ports, 'store' | 'queue' | 'clock' | 'ids'>;
const maxWrites = 100;
const attempts = 8;

const readBeads = async (ports: Pick<Ports, 'store'>, townId: string, ids: readonly string[]): Promise<Map<string, Bead>> => {
  const unique = [...new Set(ids)];
  if (unique.length === 0) return new Map();
  const beads = await ports.store.getMany(
    'bead',
    unique.map((beadId) => ({ townId, beadId })),
  );
  return new Map(beads.flatMap((bead) => (bead === undefined ? [] : [[bead.beadId, bead] as const])));
};

interface Payers {
  readonly of: (row: UsageRow) => Attribution | undefined;
  readonly beads: ReadonlyMap<string, Bead>;
}
/** Who pays for each bead's calls. A bead that is gone still names itself. */
const payersOf = async (ports: Pick<Ports, 'store'>, townId: string, rows: readonly UsageRow[]): Promise<Payers> => {
  const beads = await readBeads(
    ports,
    townId,
    rows.flatMap((row) => row.beadId ?? []),
  );
  const others = [...beads.values()].filter((bead) => servedBeadId(bead) !== bead.beadId && convoyIdOf(bead) === undefined);
  const served = await readBeads(ports, townId, others.map(servedBeadId));
  const of: Payers['of'] = (row) => {
    if (row.beadId === undefined) return undefined;
    const bead = beads.get(row.beadId);
    return bead === undefined ? { beadId: row.beadId } : attributionOf(bead, served.get(servedBeadId(bead)));
  };
  return { of, beads: new Map([...served, ...beads]) };
};

/** How far the clock of a runner may be ahead. */
const clockSkewMs = 5 * 60 * 1000;
/** A call that is said to have been later counts as of now, or it would be paid from the budget of a day that has not come. */
const onTime = (row: UsageRow, nowMs: number): UsageRow => (row.atMs > nowMs + clockSkewMs ? { ...row, atMs: nowMs } : row);

/** Stores the rows that are new. Throws `StoreUnavailable` when they cannot be written: the report is then sent again. */
export const storeRows = async (ports: Pick<Ports, 'store'>, rows: readonly UsageItem[]): Promise<void> => {
  for (const batch of usageBatches(rows, maxWrites)) {
    let open = batch;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      const outcome = await ports.store.commit(usageWrites(open));
      if (outcome.ok) break;
      if (attempt >= attempts) throw new StoreUnavailable('What was spent could not be stored.');
      // The rows come first in the writes: a failed condition is a row that is there already.
      const stored = new Set(outcome.failed);
      open = open.filter((_, index) => !stored.has(index));
    }
  }
};

/** Beads and convoys that have used most of their budgets become items that passes read; what they have spent is brought up to date. */
const noteBudgets = async (
  ports: UsagePorts,
  town: Town,
  items: readonly UsageItem[],
  known: ReadonlyMap<string, Bead>,
): Promise<boolean> => {
  const { townId } = town;
  const ids = [...new Set(items.flatMap(({ beadId, convoyId }) => [beadId ?? [], convoyId ?? []].flat()))];
  const more = await readBeads(
    ports,
    townId,
    ids.filter((beadId) => !known.has(beadId)),
  );
  const beads = ids.flatMap((beadId) => known.get(beadId) ?? more.get(beadId) ?? []);
  const lives = await ports.store.getMany(
    'tally',
    beads.map((bead) => ({ townId, period: 'life' as const, scope: `${isConvoy(bead) ? 'convoy' : 'bead'}#${bead.beadId}` })),
  );
  const rigs = await ports.store.rigsOf(townId);
  const writes = beads.flatMap((bead, index): Write[] => {
    const spent = lives[index]?.costMicroUsd ?? 'unknown';
    const owners = {
      town,
      rig: rigs.find(({ rigId }) => rigId === bead.rigId),
      convoy: beads.find(({ beadId }) => beadId === convoyIdOf(bead)),
    };
    if (isFinal(bead.status) || beadLevel(bead, spent, budgetMicroUsdOf(bead, owners)) === 'within') return [];
    const item = {
      ...workItem(townId, 'budget', bead.beadId, ports.clock.nowMs(), ports.ids.ulid()),
      ...(spent === 'unknown' ? {} : { costMicroUsd: spent }),
    };
    // Nothing is added: what passes have noted on the item stays.
    return [{ add: 'work', item, numbers: [], when: 'none' }];
  });
  for (let start = 0; start < writes.length; start += maxWrites) await ports.store.commit(writes.slice(start, start + maxWrites));
  return writes.length > 0;
};

/** `payer`: the person behind calls that are for no bead, the Mayor's. A town whose budgets are nearly used is looked at soon. */
export const storeUsage = async (
  ports: UsagePorts,
  townId: string,
  rows: readonly UsageRow[],
  payer: string | undefined,
): Promise<void> => {
  const unique = [...new Map(rows.map((row) => [row.callId, row])).values()];
  const town = unique.length === 0 ? undefined : await ports.store.get('town', { townId });
  if (town === undefined) return;
  const payers = await payersOf(ports, townId, unique);
  const nowMs = ports.clock.nowMs();
  const items = unique.map((row) => {
    const attribution = payers.of(row) ?? (payer === undefined ? {} : { requestedBy: payer });
    return modelUsage(townId, onTime(row, nowMs), attribution, unknownPriceUsdPerMTok(town));
  });
  await storeRows(ports, items);
  if (await noteBudgets(ports, town, items, payers.beads)) await ports.queue.hint(townId);
};
