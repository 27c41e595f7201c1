// From a chat message to merged commits, on one machine with the real parts and the scripted model.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf } from './audit.ts';
import { startLocalTown, eventually } from './local-town.ts';
import type { LocalTown } from './local-town.ts';
import { commitsOf } from './repository.ts';

describe('a message to the Mayor of the demo town', () => {
  let town: LocalTown;
  let townId: string;
  beforeAll(async () => {
    town = await startLocalTown({ demo: true });
    const towns = await town.call('listTowns');
    townId = towns.items[0]?.townId ?? '';
  }, 120_000);
  afterAll(() => town.stop(), 60_000);

  it('leads to a convoy of three beads that lands on main as a whole, with attribution, and an answer', async () => {
    const said = await town.call('sayToMayor', {
      params: { townId },
      body: { text: 'Please add a few string functions to the library, with tests.' },
    });
    const convoy = await eventually(
      'a convoy',
      60_000,
      async () => (await town.call('listConvoys', { params: { townId } })).items[0],
      town.log,
    );
    if (convoy.details.type !== 'convoy') throw new Error('not a convoy');
    expect(convoy.details).toMatchObject({ totalBeads: 3, mergeMode: 'review-then-land' });
    const view = await town.call('getConvoy', { params: { townId, beadId: convoy.beadId } });
    expect(view.members.filter((member) => member.dependsOn.length > 0)).toHaveLength(1);

    const landed = await eventually(
      'the convoy to be closed',
      240_000,
      async () => {
        const now = await town.call('getConvoy', { params: { townId, beadId: convoy.beadId } });
        return now.convoy.status === 'closed' ? now : undefined;
      },
      town.log,
    );
    expect(landed.members.map((member) => member.bead.status)).toEqual(['closed', 'closed', 'closed']);

    const commits = commitsOf(join(town.dataDir, 'sample.git'), 'main');
    for (const { bead } of landed.members) {
      const own = commits.filter((commit) => commit.trailers['Bead-ID'] === bead.beadId);
      expect(own.length, `commits of ${bead.beadId}`).toBeGreaterThan(0);
      expect(
        own.filter((commit) => commit.parents === 2),
        `merges of ${bead.beadId}`,
      ).toHaveLength(1);
      for (const commit of own) {
        expect(commit.author).not.toContain('gastown');
        expect(commit.committer).toMatch(/gastown/i);
        if (commit.parents === 1) expect(commit.trailers['Co-authored-by']).toMatch(/gastown/i);
      }
    }
    expect(commits.filter((commit) => commit.parents === 2 && commit.trailers['Convoy-ID'] === convoy.beadId)).toHaveLength(1);
    const messages = await eventually(
      'an answer of the Mayor',
      60_000,
      async () => {
        const page = await town.call('mayorMessages', { params: { townId } });
        return page.items.some((message) => message.role === 'mayor' && message.replyTo === said.messageId) ? page.items : undefined;
      },
      town.log,
    );
    expect(messages.filter((message) => message.role === 'mayor')).toHaveLength(1);
    const events = await town.call('listEvents', { params: { townId }, query: { limit: '100', newest: 'true' } });
    // Three into the convoy's branch, and its landing on main.
    expect(events.items.filter((event) => event.type === 'merged')).toHaveLength(4);
    expect(events.items.filter((event) => event.type === 'convoy_landed')).toHaveLength(1);
    expect(await auditOf(town, townId)).toMatchObject({ violations: [] });
    // The scripted model costs nothing, so that no budget stops the demo.
    const { total } = await town.call('usage', { params: { townId } });
    expect([total.calls > 0, total.costMicroUsd]).toEqual([true, 0]);
    // Who last touched the module, and why, as the runner saw the pushes.
    const search = await town.call('searchTown', { params: { townId }, query: { path: './' } });
    expect(new Set(search.touched.map(({ beadId }) => beadId))).toEqual(new Set(landed.members.map(({ bead }) => bead.beadId)));
    for (const touched of search.touched) expect([touched.beadStatus, touched.files.length > 0]).toEqual(['closed', true]);
  }, 400_000);
});
