// Looks into a bare repository as a person with git would.
import { execFileSync } from 'node:child_process';

export interface LoggedCommit {
  readonly sha: string;
  readonly author: string;
  readonly committer: string;
  readonly parents: number;
  readonly message: string;
  readonly trailers: Readonly<Record<string, string>>;
}

const git = (repository: string, ...args: string[]): string => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });

/** Commits of a branch, newest first. */
export const commitsOf = (repository: string, branch: string): readonly LoggedCommit[] =>
  git(repository, 'log', branch, '--format=%H%x1f%an <%ae>%x1f%cn <%ce>%x1f%P%x1f%B%x1f%(trailers:only,unfold)%x1e')
    .split('\x1e')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [sha = '', author = '', committer = '', parents = '', message = '', trailerText = ''] = part.split('\x1f');
      const trailers: Record<string, string> = {};
      for (const line of trailerText.split('\n')) {
        const found = /^([A-Za-z-]+): (.*)$/.exec(line);
        if (found?.[1] !== undefined && found[2] !== undefined) trailers[found[1]] = found[2];
      }
      return { sha, author, committer, parents: parents === '' ? 0 : parents.split(' ').length, message, trailers };
    });

export const fileOf = (repository: string, branch: string, path: string): string => git(repository, 'show', `${branch}:${path}`);
