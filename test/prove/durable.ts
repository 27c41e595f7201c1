// Is an acknowledged transaction of DynamoDB Local still there, whole, after its process was killed? Writers run, SIGKILL, start again, look.
// Every other kill comes in the moment of an acknowledgement: that is when a table that answers too early loses most.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import type { Store, Write } from '../../functions/ports.ts';
import { startDynamoLocal } from '../../infra/local/dynamodb-local.ts';
import type { DynamoLocal } from '../../infra/local/dynamodb-local.ts';
import { sampleItems } from '../store/sample-items.ts';

const writers = ['t-aaaa0001', 't-aaaa0002', 't-aaaa0003', 't-aaaa0004'];
/** Parts of a transaction beside its chain item, its event and its edge. */
const partsOf = (count: number): number => 2 + (count % 20);
const partBytes = 2_000;

/** What a writer of one town knows: transactions it was told are done, and the one that may be. */
export interface Ledger {
  readonly townId: string;
  acknowledged: number;
  attempted: number;
  unanswered: number;
}

const pad = (count: number): string => String(count).padStart(6, '0');
/** Transaction `count` of a town: moves the chain item from version `count` to `count + 1` and writes parts that name the transaction. */
export const transaction = (townId: string, count: number): Write[] => {
  const { agent, event, work, slot, dependency } = sampleItems(townId);
  const name = `tx-${pad(count)}`;
  return [
    { put: 'agent', item: { ...agent, version: count + 1 }, when: count === 0 ? { absent: true } : { equals: { version: count } } },
    { put: 'event', item: { ...event, eventId: name }, when: 'none' },
    { put: 'dependency', item: { ...dependency, dependsOnId: `web-${pad(count)}` }, when: { absent: true } },
    ...Array.from({ length: partsOf(count) }, (_, part): Write =>
      part % 2 === 0
        ? { put: 'work', item: { ...work, workId: `${name}#${part}`, data: 'x'.repeat(partBytes) }, when: 'none' }
        : { put: 'slot', item: { ...slot, slotId: `${name}#${part}` }, when: { absent: true } },
    ),
  ];
};

const storeOf = (local: DynamoLocal): { store: Store; close: () => void } => {
  const client = local.client();
  return {
    store: createDynamoStore({
      client,
      tableName: local.tableName,
      retryPolicy: { attempts: 1, firstDelayMs: 1, sleep: async () => undefined },
    }),
    close: () => {
      client.destroy();
    },
  };
};

interface Writing {
  readonly store: Store;
  readonly problems: string[];
  readonly acknowledged: () => void;
}
/** Writes until the table is gone. The first lost answer ends it. */
const writeUntilKilled = async ({ store, problems, acknowledged }: Writing, ledger: Ledger): Promise<void> => {
  for (;;) {
    const count = ledger.attempted;
    ledger.attempted += 1;
    try {
      const outcome = await store.commit(transaction(ledger.townId, count));
      if (!outcome.ok) {
        problems.push(`${ledger.townId}: transaction ${count} was refused (${outcome.failed.join(', ')}).`);
        return;
      }
      ledger.acknowledged += 1;
      acknowledged();
    } catch {
      // The process was killed: whether this one was written is what the next start shows.
      ledger.unanswered += 1;
      return;
    }
  }
};

const allEventIds = async (store: Store, townId: string, beadId?: string): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.eventsOf(townId, { beadId }, { limit: 100, cursor });
    ids.push(...page.items.map(({ eventId }) => eventId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
};

const difference = (expected: ReadonlySet<string>, actual: ReadonlySet<string>, what: string): string[] => [
  ...[...expected]
    .filter((name) => !actual.has(name))
    .slice(0, 3)
    .map((name) => `${what} ${name} is missing`),
  ...[...actual]
    .filter((name) => !expected.has(name))
    .slice(0, 3)
    .map((name) => `${what} ${name} is there without its transaction`),
];

/** Compares the table with the ledger and lets the ledger go on from there. The chain item says how many transactions there are; all else must agree. */
export const verify = async (store: Store, ledger: Ledger): Promise<string[]> => {
  const { townId } = ledger;
  const { agent, dependency } = sampleItems(townId);
  const done = (await store.get('agent', agent))?.version ?? 0;
  const problems: string[] = [];
  if (done < ledger.acknowledged) problems.push(`${ledger.acknowledged} transactions were acknowledged, ${done} are there`);
  if (done > ledger.attempted) problems.push(`${done} transactions are there, ${ledger.attempted} were tried`);
  const counts = Array.from({ length: done }, (_, count) => count);
  const parts = (remainder: number): Set<string> =>
    new Set(
      counts.flatMap((count) =>
        Array.from({ length: partsOf(count) }, (_, part) => part)
          .filter((part) => part % 2 === remainder)
          .map((part) => `tx-${pad(count)}#${part}`),
      ),
    );
  const events = new Set(counts.map((count) => `tx-${pad(count)}`));
  const edges = new Set(counts.map((count) => `web-${pad(count)}`));
  problems.push(
    ...difference(parts(0), new Set((await store.workOf(townId)).map(({ workId }) => workId)), 'work'),
    ...difference(parts(1), new Set((await store.slotsOf(townId)).map(({ slotId }) => slotId)), 'slot'),
    ...difference(events, new Set(await allEventIds(store, townId)), 'event'),
    ...difference(events, new Set(await allEventIds(store, townId, dependency.beadId)), 'index entry of event'),
    ...difference(edges, new Set((await store.dependenciesOf(townId, dependency.beadId)).map(({ dependsOnId }) => dependsOnId)), 'edge'),
  );
  const newest = counts.at(-1);
  if (newest !== undefined && (await store.dependentsOf(townId, `web-${pad(newest)}`)).length !== 1)
    problems.push(`the second direction of edge ${newest} is missing`);
  ledger.acknowledged = done;
  ledger.attempted = done;
  return problems.map((problem) => `${townId}: ${problem}.`);
};

export interface DurableResult {
  readonly suite: 'durable';
  /** Kills with a restart on the same data. */
  readonly rounds: number;
  readonly failures: readonly string[];
  readonly details: {
    readonly acknowledged: number;
    readonly unanswered: number;
    readonly unansweredButWritten: number;
    readonly longestRestartMs: number;
  };
}

interface Round {
  readonly local: DynamoLocal;
  readonly ledgers: readonly Ledger[];
  readonly problems: string[];
  readonly atAcknowledgement: boolean;
}
/** Lets all writers write, kills the process, and waits until every writer has noticed. */
const writeAndKill = async ({ local, ledgers, problems, atAcknowledgement }: Round): Promise<void> => {
  const { store, close } = storeOf(local);
  let armed = false;
  let killed: Promise<void> | undefined;
  const { promise: running, resolve: begun } = Promise.withResolvers<void>();
  const acknowledged = (): void => {
    begun();
    if (armed) killed ??= local.kill();
  };
  const writing = Promise.all(ledgers.map((ledger) => writeUntilKilled({ store, problems, acknowledged }, ledger)));
  await Promise.race([running, writing]);
  await sleep(200 + Math.random() * 1_200);
  armed = true;
  if (!atAcknowledgement) killed ??= local.kill();
  await writing;
  await killed;
  close();
};

/** 4 kills as a sample, 20 in full. */
export const run = async ({ full }: { readonly full: boolean }): Promise<DurableResult> => {
  const rounds = full ? 20 : 4;
  const dataDir = mkdtempSync(join(tmpdir(), 'gastown-durable-'));
  const ledgers: Ledger[] = writers.map((townId) => ({ townId, acknowledged: 0, attempted: 0, unanswered: 0 }));
  const failures: string[] = [];
  const acknowledgedNow = (): number => ledgers.reduce((sum, ledger) => sum + ledger.acknowledged, 0);
  let unansweredButWritten = 0;
  let longestRestartMs = 0;
  let local = await startDynamoLocal({ dataDir });
  try {
    for (let round = 0; round < rounds; round += 1) {
      await writeAndKill({ local, ledgers, problems: failures, atAcknowledgement: round % 2 === 1 });
      const told = acknowledgedNow();
      const startedMs = performance.now();
      local = await startDynamoLocal({ dataDir });
      longestRestartMs = Math.max(longestRestartMs, Math.round(performance.now() - startedMs));
      const { store, close } = storeOf(local);
      for (const ledger of ledgers) failures.push(...(await verify(store, ledger)).map((problem) => `round ${round + 1}: ${problem}`));
      close();
      unansweredButWritten += acknowledgedNow() - told;
    }
  } finally {
    await local.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  const total = (numberOf: (ledger: Ledger) => number): number => ledgers.reduce((sum, ledger) => sum + numberOf(ledger), 0);
  const details = {
    acknowledged: total((ledger) => ledger.acknowledged),
    unanswered: total((ledger) => ledger.unanswered),
    unansweredButWritten,
    longestRestartMs,
  };
  if (details.acknowledged === 0 || details.unanswered === 0)
    failures.push('No transaction was under way at a kill: the proof proves nothing.');
  return { suite: 'durable', rounds, failures, details };
};
