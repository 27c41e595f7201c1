// A further sign-in link of a town that runs already: the second `npm start` asks for it with a signal, the town answers in a file that only its
// owner can read.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeWhole } from './ports/files.ts';

const signal = 'SIGUSR2';
const waitMs = 5_000;
const pathOf = (dataDir: string): string => join(dataDir, 'keys', 'sign-in-link');

export interface LinkDesk {
  /** From now on requests are answered with a link from `make`; before that they are only not deadly. */
  open(make: () => string): void;
}
/** To be called before the process can be found by others: the signal's default action would end it. */
export const createLinkDesk = (dataDir: string): LinkDesk => {
  let make: (() => string) | undefined;
  process.on(signal, () => {
    if (make === undefined) return;
    writeWhole(pathOf(dataDir), make()).catch(() => {
      // The asking process says that no link came.
    });
  });
  return {
    open: (next) => {
      make = next;
    },
  };
};

/** A fresh link from the town of this folder; undefined when it gives none, for example because it still starts. */
export const requestLink = async (dataDir: string, pid: number): Promise<string | undefined> => {
  const path = pathOf(dataDir);
  try {
    rmSync(path, { force: true });
    process.kill(pid, signal);
  } catch {
    // Somebody else's town: its owner has the link.
    return undefined;
  }
  const untilMs = performance.now() + waitMs;
  while (!existsSync(path)) {
    if (performance.now() > untilMs) return undefined;
    await sleep(50);
  }
  const link = readFileSync(path, 'utf8');
  rmSync(path, { force: true });
  return link;
};
