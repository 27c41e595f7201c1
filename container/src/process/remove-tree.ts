// Removes folders that others may write to. The system's `rm` goes down by open folders and follows no link; a removal by path, as in Node, can be
// led elsewhere by a process that puts a link in the place of a folder meanwhile.
import { execFileSync } from 'node:child_process';

/** Nothing happens when the path does not exist. Throws what `rm` says. */
export const removeTree = (path: string): void => {
  execFileSync('rm', ['-rf', '--', path], { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
};
