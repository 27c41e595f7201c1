import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../container/src/merge-steps/run-command.ts';
import { commandPayloadSchema, commandResultSchema } from '../../functions/contracts/runner.schema.ts';
import type { CommandPayload, CommandResult } from '../../functions/contracts/runner.schema.ts';
import { gitHostFixture } from './git-host.ts';
import type { GitHostFixture } from './git-host.ts';

const rigId = 'r-8d2k1m0p';
let fixture: GitHostFixture;
beforeEach(() => {
  fixture = gitHostFixture();
});
afterEach(() => {
  fixture.remove();
});
const run = async (payload: CommandPayload): Promise<CommandResult> =>
  commandResultSchema.parse(
    await runCommand(payload, {
      mirrorPath: fixture.mirror,
      workDir: fixture.workDir,
      gitEnv: { PATH: process.env.PATH ?? '' },
      signal: new AbortController().signal,
    }),
  );
const onHost = (): string[] => fixture.git(fixture.host, 'for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');

describe('branches of the town on the host', () => {
  it('H4 lists them with what the default branch does not have, and nobody else’s', async () => {
    const work = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
    fixture.commitOn('feature/mine', { 'own.txt': 'own\n' });
    fixture.git(fixture.host, 'branch', 'gt/maple/web-2', 'main');
    expect(await run({ kind: 'list-branches', rigId, defaultBranch: 'main', limit: 200 })).toEqual({
      kind: 'list-branches',
      branches: [
        { name: 'gt/maple/web-2', sha: fixture.headOf('main'), unmerged: 0 },
        { name: 'gt/toast/web-1', sha: work, unmerged: 1 },
      ],
    });
  });
  it('H4 removes a branch only at the commit that was looked at (L100)', async () => {
    const old = fixture.commitOn('gt/toast/web-1', { 'page.txt': 'page\n' });
    const other = fixture.commitOn('gt/toast/web-2', { 'page.txt': 'two\n' });
    fixture.commitOn('gt/toast/web-1', { 'page.txt': 'more\n' });
    const branches = [
      { name: 'gt/toast/web-1', sha: old },
      { name: 'gt/toast/web-2', sha: other },
    ];
    expect(await run({ kind: 'delete-branches', rigId, defaultBranch: 'main', branches })).toEqual({
      kind: 'delete-branches',
      deleted: ['gt/toast/web-2'],
      kept: ['gt/toast/web-1'],
    });
    expect(onHost()).toEqual(['gt/toast/web-1', 'main']);
    // Again: what is gone counts as removed.
    expect(await run({ kind: 'delete-branches', rigId, defaultBranch: 'main', branches })).toMatchObject({ deleted: ['gt/toast/web-2'] });
  });
  it('H4 cannot name the default branch or a person’s branch', async () => {
    const payload = { kind: 'delete-branches', rigId, defaultBranch: 'gt/main', branches: [{ name: 'main', sha: fixture.headOf('main') }] };
    expect(commandPayloadSchema.safeParse(payload).success).toBe(false);
    fixture.git(fixture.host, 'branch', 'gt/main', 'main');
    const own = [{ name: 'gt/main', sha: fixture.headOf('main') }];
    expect(await run({ kind: 'delete-branches', rigId, defaultBranch: 'gt/main', branches: own })).toEqual({
      kind: 'delete-branches',
      deleted: [],
      kept: ['gt/main'],
    });
  });
});
