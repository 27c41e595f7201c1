// Reads commits as the control plane records them.
import type { Commit } from '../../../functions/contracts/bead.schema.ts';
import { gitOk } from './mirror.ts';
import type { StepContext } from './mirror.ts';

const maxCommits = 50;
/** A workflow passes a result on in at most 256 KB; fifty messages of this size stay far below. */
const maxMessageCharacters = 1500;
const fieldSeparator = '\u001f';

/** Commits of `head` that `base` does not have, newest first, at most 50. */
export const commitsBetween = async (context: StepContext, base: string, head: string): Promise<Commit[]> => {
  const log = await gitOk(context, 'The commits could not be listed', [
    'log',
    '-z',
    `--max-count=${maxCommits}`,
    '--no-merges',
    '--format=%H%x1f%an%x1f%ae%x1f%cn%x1f%ct%x1f%B',
    `${base}..${head}`,
  ]);
  return log
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => {
      const [sha = '', authorName = '', authorEmail = '', committerName = '', seconds = '0', message = ''] = record.split(fieldSeparator);
      return {
        sha,
        authorName: authorName.slice(0, 200),
        authorEmail: authorEmail.slice(0, 320),
        committerName: committerName.slice(0, 200),
        message: message.trim().slice(0, maxMessageCharacters),
        at: new Date(Number(seconds) * 1000).toISOString(),
      };
    });
};
