// What a town's runner leaves on its machine, for whoever started it there: agents and gates that outlived a killed runner, and everything on disk.
// No runner of the data folder may live meanwhile.
import { existsSync, realpathSync } from 'node:fs';
import { elsewhereFor, ownFolder } from './layout.ts';
import { releaseUsers, sharedClaimsDir } from './process/agent-users.ts';
import { killLeftovers } from './process/process-records.ts';
import { runProcess } from './process/run-process.ts';

/** Ends every process that a runner on this folder started. Returns how many there were. */
export const endRemains = async (dataDir: string): Promise<number> => {
  if (!existsSync(dataDir)) return 0;
  const real = realpathSync(dataDir);
  return killLeftovers(ownFolder(real), real);
};

/** Without blocking the caller, however large the tree is; by the system's `rm`, which follows no link. */
const removeFolder = async (path: string): Promise<void> => {
  const { exitCode, stderr } = await runProcess({
    command: 'rm',
    args: ['-rf', '--', path],
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  if (exitCode !== 0) throw new Error(`${path} could not be removed: ${stderr.trim().slice(0, 500)}`);
};

/** Removes all folders once nothing runs there, the data folder last: a kill before that leaves it to be found and removed again. */
export const removeRemains = async (dataDir: string): Promise<void> => {
  if (!existsSync(dataDir)) return;
  const real = realpathSync(dataDir);
  const elsewhere = elsewhereFor(real);
  if (elsewhere !== undefined) await removeFolder(elsewhere);
  if (process.getuid?.() === 0) await releaseUsers(sharedClaimsDir, real);
  await removeFolder(real);
};
