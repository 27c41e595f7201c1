import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { gitHostFixture } from '../../../test/merges/git-host.ts';
import { dirtyFilesIn } from './dirty-files.ts';

const fixture = gitHostFixture();
afterEach(() => fixture.remove());

describe('work that is in no commit', () => {
  it('T1 is counted in files, new ones too; a folder without a repository says nothing', async () => {
    const env = { PATH: process.env.PATH ?? '', HOME: fixture.root };
    const clone = join(fixture.root, 'clone');
    expect(await dirtyFilesIn({ cwd: clone, env })).toBe(0);
    writeFileSync(join(clone, 'base.txt'), 'changed\n');
    writeFileSync(join(clone, 'new.txt'), 'new\n');
    expect(await dirtyFilesIn({ cwd: clone, env })).toBe(2);
    expect(await dirtyFilesIn({ cwd: fixture.workDir, env: { ...env, GIT_CEILING_DIRECTORIES: fixture.root } })).toBeUndefined();
  });
});
