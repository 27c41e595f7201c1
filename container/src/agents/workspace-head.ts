// The commit that an agent's clone is at, for information. Reads files that the agent can replace with anything, so it follows no link and waits for nothing.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const maxBytes = 400;

const readSmallFile = (path: string): string => {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(handle).isFile()) return '';
    const buffer = Buffer.alloc(maxBytes);
    return buffer
      .subarray(0, readSync(handle, buffer, 0, maxBytes, 0))
      .toString('utf8')
      .trim();
  } finally {
    closeSync(handle);
  }
};

/** Undefined when there is no commit yet, the ref is packed, or what lies there is not a repository. */
export const headOf = (folder: string): string | undefined => {
  try {
    const head = readSmallFile(join(folder, '.git', 'HEAD'));
    const reference = /^ref: (refs\/heads\/[A-Za-z0-9._/-]+)$/.exec(head)?.[1];
    const sha = reference === undefined || reference.includes('..') ? head : readSmallFile(join(folder, '.git', reference));
    return /^[0-9a-f]{40}$/.test(sha) ? sha : undefined;
  } catch {
    return undefined;
  }
};
