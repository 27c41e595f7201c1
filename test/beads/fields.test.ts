// What the fields of a bead may hold, as its callers see it.
import { describe, expect, it } from 'vitest';
import { convoyDetailsSchema } from '../../functions/contracts/convoy.schema.ts';
import { limits } from '../../functions/contracts/primitives.schema.ts';
import { townSchema } from '../../functions/contracts/town.schema.ts';
import { sampleItems } from '../store/sample-items.ts';
import { beadTown } from './bead-town.ts';

describe('a bead', () => {
  it('has an id of a prefix of its repository and letters and digits of base 36', async () => {
    const town = await beadTown();
    const ids = [await town.sling('First'), await town.sling('Second')].map((bead) => bead.beadId);
    for (const id of ids) expect(id).toMatch(/^web-[0-9a-z]+$/);
    expect(new Set(ids).size).toBe(2);
  });
  it('has a title of at most 500 characters and a body of at most 2 MB', async () => {
    const town = await beadTown();
    const slung = async (title: string, body: string): Promise<number> => {
      const answer = await town.call('sling', { as: 'ada', params: { townId: town.townId }, body: { rigId: town.rigId, title, body } });
      return answer.status;
    };
    // Two bytes each.
    const longest = 'ä'.repeat(limits.wholeBodyBytes / 2);
    expect([limits.titleCharacters, limits.wholeBodyBytes]).toEqual([500, 2_097_152]);
    expect([await slung('x'.repeat(500), longest), await slung('x'.repeat(501), ''), await slung('x', `${longest}x`)]).toEqual([
      201, 400, 400,
    ]);
  });
  it('is read, and its town too, with fields that are not kept any more', () => {
    const { town } = sampleItems('t-4f9k2m1q');
    expect(townSchema.parse({ ...town, eventMonths: ['202611'] })).toEqual(town);
    const convoy = {
      type: 'convoy',
      totalBeads: 0,
      closedBeads: 0,
      failedBeads: 0,
      mergeMode: 'review-then-land',
      staged: false,
      memberIds: [],
    };
    expect(convoyDetailsSchema.parse({ ...convoy, spentBranches: [{ rigId: 'r-8d2k1m0p', branch: 'convoy/a/b/head' }] })).toEqual(convoy);
  });
  it('keeps an issue type that is not ours', async () => {
    const town = await beadTown();
    expect((await town.sling('Spike', { issueType: 'bewitched' })).details).toMatchObject({ issueType: 'bewitched' });
  });
  it('has all its times in one form, to the millisecond, so that comparing texts is comparing times', async () => {
    const town = await beadTown();
    const [worked, other] = [await town.sling('Worked on'), await town.sling('Given up')];
    await town.close(worked.beadId);
    await town.fail(other.beadId);
    await town.on('commentBead', worked.beadId, { body: { text: 'Well done' } });
    const stored = JSON.stringify([
      (await town.ports.store.everyBead(town.townId, { limit: 10 })).items,
      (await town.ports.store.eventsOf(town.townId, {}, { limit: 100 })).items,
      await town.ports.store.passOf(town.townId),
    ]);
    const times = stored.match(/\d{4}-\d\d-\d\dT[^"]*/g) ?? [];
    expect(times.length).toBeGreaterThan(10);
    expect(times.filter((time) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/.test(time))).toEqual([]);
  });
  it('refuses labels that only the server sets', async () => {
    const town = await beadTown();
    const body = { rigId: town.rigId, title: 'Free of review', labels: ['gt:rework'] };
    expect((await town.call('sling', { as: 'ada', params: { townId: town.townId }, body })).status).toBe(422);
    expect((await town.sling('No code', { kind: 'no-code', labels: ['docs'] })).labels).toEqual(
      expect.arrayContaining(['docs', 'gt:no-code']),
    );
  });
});
