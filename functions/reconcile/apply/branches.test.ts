import { describe, expect, it } from 'vitest';
import { busyTown } from '../../../test/rules/busy-town.ts';
import type { BusyTown } from '../../../test/rules/busy-town.ts';
import {
  aLease,
  aRequest,
  aRig,
  aTown,
  anIssue,
  nowMs,
  ofKind,
  planOf,
  rigId,
  said,
  sha,
  timings,
  townId,
  work,
} from '../../../test/rules/build.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { CommandResult } from '../../contracts/runner.schema.ts';
import { writesOf } from '../../domain/bead-writes.ts';
import { HostUnavailable } from '../../host-errors.ts';
import { settleCommand } from '../../operations/commands.ts';
import { reconcileTown } from '../reconcile.ts';

const over = anIssue('web-z001', { status: 'closed' }, { branch: 'gt/toast/web-z001', latestMergeRequestId: 'web-m001' });
const release = work('release', 'web-z001');

describe('H4, when branches are looked at', () => {
  const sweep = work('branches', rigId, { dueAtMs: nowMs + timings.branchSweepMs });
  it('H4 is asked by the first finished bead of a rig, and by no other until it is done', () => {
    expect(ofKind(planOf({ work: [release], beads: [over] }), 'release')).toMatchObject([{ sweepRigId: rigId }]);
    expect(ofKind(planOf({ work: [release, sweep], beads: [over] }), 'release')[0]?.sweepRigId).toBeUndefined();
  });
  it('H4 waits half an hour for more, or until the runtime has nothing else to do', () => {
    expect(said(planOf({ work: [sweep], lease: aLease() }))).toEqual(['R2 note-idle t-4f9k2m1q']);
    expect(said(planOf({ work: [sweep], lease: aLease({ idleSinceMs: nowMs }) }))).toEqual([`H4 sweep-branches ${rigId}`]);
  });
  it('H4 starts no runtime: without one the sweep waits a day at a time', () => {
    const due = { ...sweep, dueAtMs: nowMs };
    expect(said(planOf({ work: [due], lease: aLease({ state: 'absent' }) }))).toEqual([`H4 postpone-sweep ${rigId}`]);
    expect(said(planOf({ work: [sweep] }))).toEqual([]);
  });
  it('H4 keeps branches where merge.deleteBranches is off, for the town or for the rig', () => {
    const off = { 'merge.deleteBranches': false };
    const town = aTown();
    expect(said(planOf({ town: { ...town, config: { ...town.config, ...off } }, work: [sweep] }))).toEqual([`H4 end-sweep ${rigId}`]);
    expect(said(planOf({ rigs: [{ ...aRig(), config: off }], work: [sweep] }))).toEqual([`H4 end-sweep ${rigId}`]);
    expect(
      ofKind(planOf({ rigs: [{ ...aRig(), config: off }], work: [release], beads: [over] }), 'release')[0]?.sweepRigId,
    ).toBeUndefined();
  });
});

describe('H4, a sweep', () => {
  const put = (town: BusyTown, beads: readonly Bead[]) =>
    town.ports.store.commit(beads.map((item) => ({ put: 'bead', item, when: 'none' }) as const));
  /** The one command that the runner would find now. */
  const asked = async (town: BusyTown) => {
    const ids = await town.workIds('command');
    return (await town.ports.store.commandsOf(townId, ids))[0];
  };
  const answer = async (town: BusyTown, result: CommandResult): Promise<void> => {
    await settleCommand(town.ports, townId, (await asked(town))?.commandId ?? '', result);
    await reconcileTown(town.ports, townId);
  };
  const begun = async (): Promise<BusyTown> => {
    const town = await busyTown();
    await put(town, [aRequest('web-m001', { status: 'closed' }, { headSha: sha('a'), sourceBeadId: 'web-z001' })]);
    await town.ports.store.commit(
      writesOf([{ before: { ...over, status: 'in_review', version: 1 }, after: { ...over, version: 2 } }], undefined, {
        nowMs: town.ports.clock.nowMs(),
        stamp: 's',
      }).map((write) => ('put' in write ? { ...write, when: 'none' } : write)),
    );
    await reconcileTown(town.ports, townId);
    expect(await town.workIds('branches')).toEqual([rigId]);
    town.ports.clock.advance(timings.branchSweepMs);
    await town.observe({ state: 'working', lastActivityAtMs: town.ports.clock.nowMs() });
    await reconcileTown(town.ports, townId);
    return town;
  };
  it('H4 lists, removes only what loses nothing, records it and ends', async () => {
    const town = await begun();
    expect((await asked(town))?.payload).toMatchObject({ kind: 'list-branches', rigId, defaultBranch: 'main' });
    await answer(town, {
      kind: 'list-branches',
      branches: [
        { name: 'gt/toast/web-z001', sha: sha('a'), unmerged: 3 },
        { name: 'gt/toast/web-a001', sha: sha('c'), unmerged: 0 },
        { name: 'gt/maple/web-gone', sha: sha('d'), unmerged: 1 },
      ],
    });
    expect((await asked(town))?.payload).toMatchObject({
      kind: 'delete-branches',
      branches: [{ name: 'gt/toast/web-z001', sha: sha('a') }],
    });
    await answer(town, { kind: 'delete-branches', deleted: ['gt/toast/web-z001'], kept: [] });
    expect([await town.workIds('branches'), await town.workIds('command')]).toEqual([[], []]);
    const events = await town.ports.store.eventsOf(townId, { newestFirst: true }, { limit: 20 });
    expect(events.items.find((event) => event.type === 'branches_removed')?.data).toEqual({ deleted: ['gt/toast/web-z001'], kept: 0 });
  });
  it('H3 lets the answer to a command that no workflow waits for expire after a day', async () => {
    const town = await begun();
    const commandId = (await asked(town))?.commandId ?? '';
    await settleCommand(town.ports, townId, commandId, { kind: 'list-branches', branches: [] });
    const command = await town.ports.store.get('command', { townId, commandId });
    expect(command?.deleteAfterEpochSeconds).toBe(Math.floor(town.ports.clock.nowMs() / 1000) + 86_400);
  });
  it('H4 asks for nothing when there is nothing to remove, and tries again another day when the host could not be asked', async () => {
    const town = await begun();
    await answer(town, { kind: 'list-branches', branches: [] });
    expect(await town.workIds('branches')).toEqual([]);
    const other = await begun();
    await answer(other, { kind: 'error', retryable: true, message: 'The host is away.' });
    const item = await other.ports.store.get('work', { townId, kind: 'branches', workId: rigId });
    expect(item?.dueAtMs).toBe(other.ports.clock.nowMs() + 24 * 3_600_000);
  });
  it('H4 never removes a branch that an open pull request needs, anybody’s, as its head or its base', async () => {
    const town = await begun();
    town.ports.pullRequests.isInOpenPullRequest = async (_repository, branch) => branch === 'gt/toast/web-z001';
    await answer(town, { kind: 'list-branches', branches: [{ name: 'gt/toast/web-z001', sha: sha('a'), unmerged: 3 }] });
    expect([await town.workIds('branches'), await town.workIds('command')]).toEqual([[], []]);
  });
  it('H4 keeps branches for now when the host cannot be asked about pull requests, and asks again another day', async () => {
    const town = await begun();
    town.ports.pullRequests.isInOpenPullRequest = () => Promise.reject(new HostUnavailable('The host is away.', { reason: 'outage' }));
    await answer(town, { kind: 'list-branches', branches: [{ name: 'gt/toast/web-z001', sha: sha('a'), unmerged: 3 }] });
    expect(await town.workIds('command')).toEqual([]);
    const item = await town.ports.store.get('work', { townId, kind: 'branches', workId: rigId });
    expect(item?.dueAtMs).toBe(town.ports.clock.nowMs() + 24 * 3_600_000);
  });
});
