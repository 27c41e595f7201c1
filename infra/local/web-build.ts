// Builds the dashboard when its sources are newer than the last build; the build is kept under web/dist.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) =>
        entry.isFile() && !/(^|\/)(dist(\.new-\d+)?|node_modules)(\/|$)/.test(join(entry.parentPath, entry.name).slice(folder.length)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();

const fingerprint = (root: string): string => {
  const hash = createHash('sha256');
  for (const path of [
    ...filesUnder(join(root, 'web')),
    ...filesUnder(join(root, 'functions', 'contracts')),
    join(root, 'package-lock.json'),
  ]) {
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
};

/** Resolves with the folder of the built dashboard. It is built aside and put in place whole, so that two callers do not disturb each other. Throws with the builder's own output when the build fails. */
export const ensureWeb = async (root: string, say: (line: string) => void): Promise<string> => {
  const folder = join(root, 'web', 'dist');
  const mark = join(folder, '.fingerprint');
  const now = fingerprint(root);
  if (existsSync(join(folder, 'index.html')) && existsSync(mark) && readFileSync(mark, 'utf8') === now) return folder;
  say('Building the dashboard …');
  const draft = `${folder}.new-${process.pid}`;
  const output: Buffer[] = [];
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'error', '--outDir', draft, '--emptyOutDir'],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } },
    );
    child.stdout.on('data', (part: Buffer) => output.push(part));
    child.stderr.on('data', (part: Buffer) => output.push(part));
    child.on('error', reject);
    child.on('close', (status) => {
      resolve(status ?? 1);
    });
  });
  if (code !== 0) rmSync(draft, { recursive: true, force: true });
  if (code !== 0) throw new Error(`the dashboard did not build:\n${Buffer.concat(output).toString('utf8').slice(-4000)}`);
  writeFileSync(join(draft, '.fingerprint'), now);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  return folder;
};
