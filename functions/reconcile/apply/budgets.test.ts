import { describe, expect, it } from 'vitest';
import { busyTown } from '../../../test/rules/busy-town.ts';
import type { BusyTown } from '../../../test/rules/busy-town.ts';
import { aConvoy, aRequest, anIssue, rigId, townId, work } from '../../../test/rules/build.ts';
import { writesOf } from '../../domain/bead-writes.ts';
import { explainBead } from '../../operations/explain.ts';
import type { Write } from '../../ports.ts';
import { reconcileTown } from '../reconcile.ts';

const usd = 1_000_000;
const spent = (town: BusyTown, costMicroUsd: number): Promise<unknown> =>
  town.ports.store.commit([
    {
      add: 'work',
      item: {
        ...work('spend', `20261121#${rigId}`),
        dueAtMs: Date.parse('2026-11-22T00:00:00Z'),
        stamp: '20261121',
        costMicroUsd,
        tokens: 0,
      },
      numbers: ['costMicroUsd', 'tokens'],
      when: 'none',
    },
  ]);
const events = async ({ ports }: BusyTown, type: string) =>
  (await ports.store.eventsOf(townId, {}, { limit: 50 })).items.filter((event) => event.type === type);

describe('B7 applied', () => {
  it('tells the Mayor and people once a day and budget, with one event and one escalation, however often passes run', async () => {
    const town = await busyTown();
    await spent(town, 40 * usd);
    await reconcileTown(town.ports, townId);
    await reconcileTown(town.ports, townId);
    expect(await events(town, 'budget_warned')).toMatchObject([{ data: { scope: 'town', spent: 40 * usd, limit: 50 * usd } }]);
    await spent(town, 10 * usd);
    await reconcileTown(town.ports, townId);
    await spent(town, 5 * usd);
    await reconcileTown(town.ports, townId);
    expect(await events(town, 'budget_stopped')).toHaveLength(1);
    expect(await town.open('escalation')).toMatchObject([
      { priority: 'high', requestedBy: 'ada', details: { category: 'budget', severity: 'high' } },
    ]);
    // The warning ended with what followed it.
    const { items } = await town.ports.store.beadsBy({ townId, type: 'escalation', status: 'closed' }, { limit: 5 });
    expect(items).toMatchObject([
      { priority: 'medium', requestedBy: 'ada', details: { severity: 'medium', settled: 'More than this has been said since.' } },
    ]);
  });
  it('keeps what reports add while it is being told', async () => {
    const town = await busyTown();
    await spent(town, 50 * usd);
    await reconcileTown(town.ports, townId);
    await spent(town, 1 * usd);
    expect(await town.ports.store.get('work', { townId, kind: 'spend', workId: `20261121#${rigId}` })).toMatchObject({
      costMicroUsd: 51 * usd,
    });
  });
  it('leaves ready beads in their queue, says why, and gives them out on the next UTC day', async () => {
    const town = await busyTown();
    const waiting = anIssue('web-b002');
    await town.ports.store.commit(writesOf([{ after: waiting }], undefined, { nowMs: town.ports.clock.nowMs(), stamp: 's' }));
    await spent(town, 50 * usd);
    await reconcileTown(town.ports, townId);
    expect(await town.bead('web-b002')).toMatchObject({ status: 'open', dispatchAttempts: 0 });
    const { sentence, reasons } = await explainBead(town.ports, townId, 'web-b002');
    expect(sentence).toContain('The town has spent 50.00 USD of 50.00 USD today.');
    expect(reasons.map(({ code }) => code)).toContain('budget');
    expect(town.ports.alarms.at(-1)?.atMs).toBeLessThanOrEqual(Date.parse('2026-11-22T00:00:00Z'));
    town.ports.clock.set(Date.parse('2026-11-22T00:00:00Z'));
    await reconcileTown(town.ports, townId);
    expect((await town.bead('web-b002'))?.status).toBe('in_progress');
  });
  it('says of a review, and of the bead in review, that the money of the town is used up', async () => {
    const town = await busyTown();
    const request = aRequest('web-m002', {}, { sourceBeadId: 'web-b002' });
    const source = anIssue('web-b002', { status: 'in_review' }, { latestMergeRequestId: 'web-m002' });
    await town.ports.store.commit(
      writesOf([{ after: source }, { after: request }], undefined, { nowMs: town.ports.clock.nowMs(), stamp: 's' }),
    );
    await spent(town, 50 * usd);
    for (const beadId of ['web-b002', 'web-m002'])
      expect((await explainBead(town.ports, townId, beadId)).reasons.map(({ code }) => code)).toContain('budget');
  });
  it('says of a repair that the money of the bead that it repairs is used up', async () => {
    const town = await busyTown();
    const source = anIssue('web-b002', { status: 'in_review' });
    const repair = anIssue('web-b003', { parentId: 'web-b002' }, { kind: 'rework', mergeRequestId: 'web-m001' });
    await town.ports.store.commit([
      ...writesOf([{ after: source }, { after: repair }], undefined, { nowMs: town.ports.clock.nowMs(), stamp: 's' }),
      { put: 'work', item: { ...work('budget', 'web-b002'), townId, costMicroUsd: 11 * usd }, when: 'none' },
    ]);
    const { reasons } = await explainBead(town.ports, townId, 'web-b003');
    expect(reasons.map(({ code, message }) => `${code}: ${message}`)).toEqual([expect.stringMatching(/^budget: .*web-b002/)]);
  });
  it('asks about a convoy at 90 % and lists the beads that are still open', async () => {
    const town = await busyTown();
    const members = [anIssue('web-b002', {}, { convoyId: 'hq-c001' }), anIssue('web-b003', { status: 'closed' }, { convoyId: 'hq-c001' })];
    const convoy = aConvoy('hq-c001', ['web-b002', 'web-b003']);
    const details = convoy.details.type === 'convoy' ? { ...convoy.details, settings: { 'budget.convoyUsd': 10 } } : convoy.details;
    const put = (bead: typeof convoy): Write => ({ put: 'bead', item: bead, when: 'none' });
    await town.ports.store.commit([
      ...members.map(put),
      put({ ...convoy, details }),
      { put: 'work', item: work('budget', 'hq-c001', { costMicroUsd: 9 * usd }), when: 'none' },
    ]);
    await reconcileTown(town.ports, townId);
    await reconcileTown(town.ports, townId);
    const [escalation, ...more] = await town.open('escalation');
    expect(more).toEqual([]);
    expect(escalation).toMatchObject({ requestedBy: 'ada', details: { category: 'budget', aboutBeadId: 'hq-c001' } });
    expect(escalation?.body).toContain('raise its budget, let it continue to the end of its budget, or stop it');
    expect(escalation?.body).toContain('- web-b002 (open): Work web-b002');
    expect(escalation?.body).not.toContain('web-b003');
  });
});
