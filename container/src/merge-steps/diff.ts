// What a range of commits changed, file by file, with a limit on the size of the patches.
import type { CommandPayload, CommandResult, FileDiff } from '../../../functions/contracts/runner.schema.ts';
import { git, GitFailed, gitOk, obtainCommit } from './mirror.ts';
import type { StepContext } from './mirror.ts';

type DiffPayload = Extract<CommandPayload, { kind: 'diff' }>;
type DiffResult = Extract<CommandResult, { kind: 'diff' }>;

type FileCount = Omit<FileDiff, 'patch'>;
/** Reads `git diff --numstat -z`: `added TAB deleted TAB path NUL`, or for a rename `added TAB deleted TAB NUL old NUL new NUL`. */
const parseNumstat = (text: string): FileCount[] => {
  const parts = text.split('\0');
  const files: FileCount[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const match = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(parts[index] ?? '');
    if (match === null) continue;
    const [, added = '0', deleted = '0', path = ''] = match;
    const binary = added === '-';
    const counts = { additions: binary ? 0 : Number(added), deletions: binary ? 0 : Number(deleted), binary };
    if (path !== '') files.push({ path, ...counts });
    else {
      files.push({ path: parts[index + 2] ?? '', oldPath: parts[index + 1] ?? '', ...counts });
      index += 2;
    }
  }
  return files;
};

/** Throws `GitFailed`. Compares with the place where the branches parted, so that only the head's own changes show. */
export const diff = async (payload: DiffPayload, context: StepContext): Promise<DiffResult> => {
  for (const sha of [payload.baseSha, payload.headSha]) {
    if (!(await obtainCommit(context, sha))) throw new GitFailed(`Commit ${sha} is not on the host any more.`, false);
  }
  const mergeBase = (await git(context, ['merge-base', payload.baseSha, payload.headSha])).stdout.trim() || payload.baseSha;
  const options = ['diff', '--no-ext-diff', '--no-textconv', '--find-renames', '--no-color'];
  const counts = parseNumstat(
    await gitOk(context, 'The change could not be read', [...options, '--numstat', '-z', mergeBase, payload.headSha]),
  );
  // What is read beyond the limit only tells that something is missing.
  const patchText = await gitOk(context, 'The change could not be read', [...options, '--patch', mergeBase, payload.headSha], {
    maxOutputBytes: payload.maxBytes + 1024 * 1024,
  });
  const patches = patchText.split(/^(?=diff --git )/m);
  // The reading may have ended inside the last patch.
  if (Buffer.byteLength(patchText) > payload.maxBytes) patches.pop();
  let bytesLeft = payload.maxBytes;
  let truncated = false;
  const files = counts.map((file, index): FileDiff => {
    const patch = patches[index] ?? '';
    const bytes = Buffer.byteLength(patch);
    if (patch === '' || bytes > bytesLeft) {
      truncated = true;
      return { ...file, patch: '' };
    }
    bytesLeft -= bytes;
    return { ...file, patch };
  });
  return { kind: 'diff', files, truncated };
};
