// Nothing of the demo is on the path: a stranger's repository, a stranger's model server, over REST alone.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startForeignModel } from './foreign-model.ts';
import type { ForeignModel } from './foreign-model.ts';
import { eventually, startLocalTown } from './local-town.ts';
import type { LocalTown } from './local-town.ts';
import { commitsOf, fileOf } from './repository.ts';

const key = 'a-key-of-the-test';
const makeRepository = (folder: string): string => {
  const work = join(folder, 'work');
  const bare = join(folder, 'foreign.git');
  mkdirSync(work);
  const git = (...args: string[]): void => {
    execFileSync('git', ['-C', work, '-c', 'user.name=Someone', '-c', 'user.email=someone@example.com', ...args], { stdio: 'ignore' });
  };
  git('init', '-q', '-b', 'trunk');
  writeFileSync(join(work, 'check.sh'), '#!/bin/sh\n[ ! -e GREETING.txt ] || grep -q hello GREETING.txt\n');
  git('add', '.');
  git('commit', '-q', '-m', 'Start');
  execFileSync('git', ['clone', '-q', '--bare', work, bare], { stdio: 'ignore' });
  return bare;
};

describe('a foreign repository and a foreign model server', () => {
  let town: LocalTown;
  let model: ForeignModel;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gastown-foreign-'));
    model = await startForeignModel(key);
    town = await startLocalTown();
  }, 120_000);
  afterAll(async () => {
    await town.stop();
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('work is slung, done, reviewed and merged into its default branch', async () => {
    const repository = makeRepository(folder);
    const route = { kind: 'openai-compatible', baseUrl: model.baseUrl, apiKey: key, model: 'stranger-1' };
    const { townId } = await town.call('createTown', {
      body: { name: 'Abroad', config: { 'models.default': route, 'models.refinery': { ...route, model: 'stranger-2' } } },
    });
    const config = await town.call('getConfig', { params: { townId } });
    expect(JSON.stringify(config)).not.toContain(key);
    const { rigId, defaultBranch } = await town.call('createRig', {
      params: { townId },
      body: { name: 'foreign', gitUrl: repository, gates: [{ name: 'check', command: 'sh check.sh' }] },
    });
    expect(defaultBranch).toBe('trunk');
    const bead = await town.call('sling', {
      params: { townId },
      body: { rigId, title: 'Add a greeting', body: 'Add GREETING.txt that says hello.' },
    });
    await eventually(
      'the bead to be merged',
      120_000,
      async () => {
        const now = await town.call('getBead', { params: { townId, beadId: bead.beadId } });
        return now.bead.status === 'closed' ? now : undefined;
      },
      town.log,
    );
    expect(fileOf(repository, 'trunk', 'GREETING.txt')).toBe('hello from afar\n');
    expect(
      commitsOf(repository, 'trunk').filter((commit) => commit.trailers['Bead-ID'] === bead.beadId && commit.parents === 2),
    ).toHaveLength(1);
    expect(new Set(model.models)).toEqual(new Set(['stranger-1', 'stranger-2']));
  }, 240_000);
});
