// Makes the demo's bare git repository on the spot: a small dependency-free JavaScript library with a real test suite as its gate. The same on every machine.
import { execFile, spawn } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Gate } from '../../../functions/contracts/gate.schema.ts';

const run = promisify(execFile);
/** Name and date are fixed, so that the first commit has the same id everywhere. */
const author = 'Sample Author <author@example.com> 1767225600 +0000';

const files: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'sample-library', version: '1.0.0', private: true, type: 'module', exports: './src/index.js', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'README.md': '# Sample library\n\nA few small functions without dependencies. Run the tests with `node --test`.\n',
  'AGENTS.md':
    '# Working here\n\n- One function per file in `src/`, one test file per function in `test/`.\n- No dependencies. Plain JavaScript modules.\n- `node --test` must be green.\n',
  '.gitignore': 'node_modules/\n',
  'src/index.js': "// Everything that the library offers.\nexport { isBlank } from './is-blank.js';\n",
  'src/is-blank.js': "/** True for text without anything to see in it. */\nexport const isBlank = (text) => text.trim() === '';\n",
  'test/is-blank.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { isBlank } from '../src/index.js';\n\ntest('isBlank sees through spaces', () => {\n  assert.equal(isBlank('  \\n'), true);\n  assert.equal(isBlank(' a '), false);\n});\n",
};

export const sampleGates: readonly Gate[] = [{ name: 'tests', command: 'node --test', timeoutSeconds: 120, phase: 'both' }];
export interface SampleRepository {
  readonly gitUrl: string;
  readonly gates: readonly Gate[];
  readonly headSha: string;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
const headOf = async (gitUrl: string): Promise<string> =>
  (await run('git', ['--git-dir', gitUrl, 'rev-parse', 'refs/heads/main'])).stdout.trim();

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
/** One commit in the format of git-fast-import, which takes dates from the stream and no configuration of the machine. */
const firstCommit = (): string =>
  [
    'commit refs/heads/main\n',
    `author ${author}\n`,
    `committer ${author}\n`,
    data('Start the sample library\n'),
    ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
    'done\n',
  ].join('');

const importInto = (bare: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const git = spawn('git', ['--git-dir', bare, 'fast-import', '--quiet', '--done'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    git.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString('utf8');
    });
    git.on('error', reject);
    git.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`git fast-import ended with ${code ?? 'a signal'}: ${complaint.slice(0, 500)}`)),
    );
    git.stdin.end(firstCommit());
  });

/**
 * Makes a bare repository at `gitUrl` (an absolute path) with one commit on `main`. One that exists already is left as it is.
 * A kill in the middle leaves nothing at `gitUrl`: it appears by a rename.
 */
export const makeSampleRepository = async (gitUrl: string): Promise<SampleRepository> => {
  if (!(await exists(gitUrl))) {
    const bare = `${gitUrl}.new-${process.pid}`;
    await mkdir(dirname(gitUrl), { recursive: true });
    await rm(bare, { recursive: true, force: true });
    try {
      await run('git', ['init', '-q', '--bare', '--initial-branch=main', bare]);
      await importInto(bare);
      await rename(bare, gitUrl);
    } finally {
      await rm(bare, { recursive: true, force: true });
    }
  }
  return { gitUrl, gates: sampleGates, headSha: await headOf(gitUrl) };
};
