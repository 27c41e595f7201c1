// What a pass reads and how long it takes while the town's past grows: 30 polecats at work, 1 000 ready beads, and more and more closed and blocked ones.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { countingUnits, storedRow } from '../../functions/adapters/dynamodb/counting-units.ts';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import type { StoredName } from '../../functions/adapters/dynamodb/entities/service.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { writesOf } from '../../functions/domain/bead-writes.ts';
import { freePolecatName } from '../../functions/domain/plan/names.ts';
import type { Store, Write } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { startDynamoLocal } from '../../infra/local/dynamodb-local.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aLease, aReport, aRig, aTown, anIssue, hooked, iso, nowMs, rigId, townId, work } from '../rules/build.ts';
import { spreadOf } from './figures.ts';
import type { Spread } from './figures.ts';

export interface FlatCost {
  readonly past: number;
  readonly readUnitsPerPass: number;
  readonly passMs: Spread;
}
const polecats = 30;
const readyBeads = 1_000;
const rowsPerCall = 25;
const callsAtOnce = 4;
const warmingPasses = 20;
const beadsPerCommit = 40;

/** Bodies as people write them: a beads' size decides what reading it costs. */
const body = 'Write the page, link it from the index, and add a test that fails without it. '.repeat(8);

const busyTown = async (store: Store): Promise<void> => {
  const moment = { nowMs, stamp: 's' };
  const rig = aRig();
  await store.commit([
    { put: 'town', item: aTown({ maxPolecatsPerRig: polecats, maxAgents: polecats }), when: 'none' },
    { put: 'rig', item: rig, when: 'none' },
    { put: 'lease', item: aLease(), when: 'none' },
    { put: 'work', item: work('runtime', townId), when: 'none' },
  ]);
  const names = new Set<string>();
  for (let number = 1; number <= polecats; number += 1) {
    const { agentId, name } = freePolecatName(names);
    names.add(agentId);
    const bead = anIssue(
      `web-work${number}`,
      { status: 'in_progress', assigneeAgentId: agentId, dispatchAttempts: 1, body },
      { branch: `gt/${agentId}/web-work${number}`, targetBranch: 'main' },
    );
    const slot = `${rigId}#${number}`;
    const agent = hooked(agentId, bead.beadId, {
      name,
      slot,
      sessionId: `ses_${number}`,
      statusLine: { text: 'Writing the test', at: iso() },
    });
    const more: Write[] = [
      { put: 'agent', item: agent, when: 'none' },
      { put: 'report', item: aReport(agent, { lastActivityAtMs: nowMs, sessionId: `ses_${number}`, activeTools: ['bash'] }), when: 'none' },
      { put: 'slot', item: { townId, slotId: slot, holder: agentId, claimedAt: iso(), stamp: `s${number}` }, when: 'none' },
      { put: 'slot', item: { townId, slotId: `town#${number}`, holder: `${slot}@s${number}`, claimedAt: iso() }, when: 'none' },
    ];
    await store.commit(writesOf([{ after: bead }], undefined, moment, more));
  }
  for (let first = 0; first < readyBeads; first += beadsPerCommit) {
    const beads = Array.from({ length: beadsPerCommit }, (_, index) => ({ after: anIssue(`web-ready${first + index}`, { body }) }));
    await store.commit(writesOf(beads, undefined, moment));
  }
};

/** Half of them closed, half waiting for a bead that will not come. */
const pastBead = (number: number): Bead =>
  number % 2 === 0
    ? anIssue(`web-p${number}`, { status: 'closed', closedAt: iso(), statusAt: iso(-number * 1000), body })
    : anIssue(`web-p${number}`, { openBlockers: 1, createdAt: iso(-number * 1000), body });

/** Straight into the table, as rows: what passes make of the past is not to be measured. */
const addPast = async (client: DynamoDBDocumentClient, tableName: string, past: number): Promise<void> => {
  const put = async (first: number): Promise<void> => {
    const rows = Array.from({ length: Math.min(rowsPerCall, past - first) }, (_, index) =>
      storedRow('bead' satisfies StoredName, pastBead(first + index)),
    );
    let requests = rows.map((Item) => ({ PutRequest: { Item } }));
    while (requests.length > 0) {
      const { UnprocessedItems } = await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
      const left = UnprocessedItems?.[tableName]?.length ?? 0;
      requests = left === 0 ? [] : requests.slice(-left);
    }
  };
  for (let first = 0; first < past; first += rowsPerCall * callsAtOnce)
    await Promise.all(
      Array.from({ length: callsAtOnce }, (_, index) => first + index * rowsPerCall)
        .filter((start) => start < past)
        .map(put),
    );
};

/** A town with so many closed or blocked beads behind it, in a database of its own. */
const townWithPast = async (past: number) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gastown-flat-'));
  const local = await startDynamoLocal({ dataDir });
  const client = local.client();
  const counted = countingUnits(createDynamoStore({ client, tableName: local.tableName }));
  const ports = fakePorts({ store: counted.store });
  const end = async (): Promise<void> => {
    client.destroy();
    await local.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  const fill = async (): Promise<void> => {
    await busyTown(counted.store);
    const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    await addPast(documents, local.tableName, past);
  };
  const times: number[] = [];
  return {
    past,
    end,
    fill,
    pass: async (): Promise<void> => {
      const startMs = performance.now();
      await reconcileTown(ports, townId);
      times.push(performance.now() - startMs);
    },
    forget: (): void => {
      counted.reset();
      times.length = 0;
    },
    figures: (): FlatCost => ({
      past,
      readUnitsPerPass: Math.round((counted.totals().readUnits / times.length) * 10) / 10,
      passMs: spreadOf(times),
    }),
  };
};

/** Passes of the same town with so many closed or blocked beads behind it, taken in turns: what else the machine does slows all of them alike. */
export const measureFlatCost = async (pasts: readonly number[], passes: number): Promise<readonly FlatCost[]> => {
  const towns: Awaited<ReturnType<typeof townWithPast>>[] = [];
  const round = async (): Promise<void> => {
    for (const town of towns) await town.pass();
  };
  try {
    for (const past of pasts) towns.push(await townWithPast(past));
    for (const town of towns) await town.fill();
    for (let pass = 0; pass < warmingPasses; pass += 1) await round();
    for (const town of towns) town.forget();
    for (let pass = 0; pass < passes; pass += 1) await round();
    return towns.map((town) => town.figures());
  } finally {
    await Promise.all(towns.map((town) => town.end()));
  }
};
