// The build that browser tests look at. Test files run side by side; only one of them may build at a time.
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureWeb } from '../../infra/local/web-build.ts';

const root = join(import.meta.dirname, '..', '..');
const lock = join(tmpdir(), `gastown-web-build-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
const lookEveryMs = 200;
/** Longer than a build on the slowest machine we promise; a lock this old is of a test that was killed. */
const staleMs = 120_000;

const take = async (): Promise<void> => {
  for (;;) {
    try {
      await mkdir(lock);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const taken = await stat(lock).catch(() => undefined);
    if (taken !== undefined && Date.now() - taken.mtimeMs > staleMs) await release();
    else await pause(lookEveryMs);
  }
};
/** Another one may have released a stale lock first. */
const release = (): Promise<void> => rmdir(lock).catch(() => undefined);

/** The folder of the built dashboard, built when its sources are newer. */
export const builtDashboard = async (): Promise<string> => {
  await take();
  try {
    return await ensureWeb(root, () => undefined);
  } finally {
    await release();
  }
};
