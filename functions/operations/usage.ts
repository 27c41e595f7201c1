// Stores what a report says was spent: a row per call, added up in the same transaction, so that a repeated or cut-off report counts once.
import type { UsageRow } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { UsageItem } from '../contracts/usage.schema.ts';
import { builtInBudgets } from '../domain/spending/budgets.ts';
import { attributionOf, convoyIdOf, modelUsage, servedBeadId, usageBatches, usageWrites } from '../domain/spending/usage.ts';
import type { Attribution } from '../domain/spending/usage.ts';
import type { Ports } from '../ports.ts';
import { StoreUnavailable } from '../store-errors.ts';

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

/** Who pays for each bead's calls. A bead that is gone still names itself. */
const attributions = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  rows: readonly UsageRow[],
): Promise<(row: UsageRow) => Attribution | undefined> => {
  const beads = await readBeads(
    ports,
    townId,
    rows.flatMap((row) => row.beadId ?? []),
  );
  const others = [...beads.values()].filter((bead) => servedBeadId(bead) !== bead.beadId && convoyIdOf(bead) === undefined);
  const served = await readBeads(ports, townId, others.map(servedBeadId));
  return (row) => {
    if (row.beadId === undefined) return undefined;
    const bead = beads.get(row.beadId);
    return bead === undefined ? { beadId: row.beadId } : attributionOf(bead, served.get(servedBeadId(bead)));
  };
};

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

/** `payer`: the person behind calls that are for no bead, the Mayor's. */
export const storeUsage = async (
  ports: Pick<Ports, 'store'>,
  townId: string,
  rows: readonly UsageRow[],
  payer: string | undefined,
): Promise<void> => {
  const unique = [...new Map(rows.map((row) => [row.callId, row])).values()];
  if (unique.length === 0) return;
  const about = await attributions(ports, townId, unique);
  const items = unique.map((row) => {
    const attribution = about(row) ?? (payer === undefined ? {} : { requestedBy: payer });
    return modelUsage(townId, row, attribution, builtInBudgets.unknownPriceUsdPerMTok);
  });
  await storeRows(ports, items);
};
