import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeClock, fakePorts } from '../../../test/fakes/ports.ts';
import { createLocalFiles, createLocalSecrets } from './files.ts';
import { createLocalQueue } from './queue.ts';
import { createLocalPeople, createLocalTokens } from './sign-in.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastown-ports-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the reconcile queue of one machine', () => {
  const { log } = fakePorts();
  it('runs one pass per town at a time, and hints during a pass make exactly one more', async () => {
    let running = 0;
    let most = 0;
    let passes = 0;
    const queue = createLocalQueue(
      async () => {
        running += 1;
        most = Math.max(most, running);
        passes += 1;
        if (passes === 1) for (let count = 0; count < 5; count += 1) await queue.hint('t-one1');
        await Promise.resolve();
        running -= 1;
      },
      { log, retryMs: 10 },
    );
    await Promise.all(Array.from({ length: 20 }, () => queue.hint('t-one1')));
    await queue.idle();
    expect({ most, passes }).toEqual({ most: 1, passes: 2 });
  });
  it('tries a failed pass again', async () => {
    let passes = 0;
    const succeeded = Promise.withResolvers<void>();
    const queue = createLocalQueue(
      async () => {
        passes += 1;
        if (passes === 1) throw new Error('the store is away');
        succeeded.resolve();
      },
      { log, retryMs: 1 },
    );
    await queue.hint('t-one1');
    await succeeded.promise;
    await queue.stop();
    expect(passes).toBe(2);
  });
});

describe('files and secrets of one machine', () => {
  it('keeps bytes, forgets a prefix, and never leaves its folder', async () => {
    const files = createLocalFiles(join(folder, 'files'));
    await files.put('a/one', Buffer.from('1'));
    expect(Buffer.from((await files.get('a/one')) ?? []).toString()).toBe('1');
    await files.put('a/b/two', Buffer.from('2'));
    expect(await files.list('a/')).toEqual(['a/b/two', 'a/one']);
    await files.removePrefix('a');
    expect(await files.list('a/')).toEqual([]);
    expect(await files.get('a/one')).toBeUndefined();
    await expect(files.get('../outside')).rejects.toThrow(/leaves the files folder/);
  });
  it('keeps secrets encrypted, readable by the owner only, and over a restart', async () => {
    const paths = { path: join(folder, 'secrets.json'), keyPath: join(folder, 'keys', 'secrets.key') };
    const secrets = createLocalSecrets(paths);
    await Promise.all([secrets.put('one', 'hunter-two-hunter'), secrets.put('two', 'other')]);
    expect(await readFile(paths.path, 'utf8')).not.toContain('hunter');
    expect((await stat(paths.keyPath)).mode & 0o077).toBe(0);
    const later = createLocalSecrets(paths);
    expect(await later.get('one')).toBe('hunter-two-hunter');
    await later.remove('one');
    expect(await later.get('one')).toBeUndefined();
    expect(await later.get('two')).toBe('other');
    await later.put('towns/t-one1/git/a', 'x');
    await later.put('towns/t-one12/git/a', 'y');
    await later.removePrefix('towns/t-one1/');
    expect(await later.get('towns/t-one1/git/a')).toBeUndefined();
    expect(await later.get('towns/t-one12/git/a')).toBe('y');
  });
});

describe('signing in on one machine', () => {
  const person = { name: 'Ada', email: 'ada@example.com' };
  it('a link works once and its token names the person, also after a restart', async () => {
    const clock = fakeClock();
    const keyPath = join(folder, 'signing.json');
    const people = createLocalPeople({ tokens: await createLocalTokens(keyPath, clock), clock, person });
    const code = people.newLink();
    const signedIn = await people.signIn(code);
    expect(await people.signIn(code)).toBeUndefined();
    const restarted = createLocalPeople({ tokens: await createLocalTokens(keyPath, clock), clock, person });
    expect(await restarted.verify(signedIn?.token ?? '')).toEqual({ userId: 'local', ...person });
  });
  it('an old link, an old token, a forged token and an agent token are refused', async () => {
    const clock = fakeClock();
    const tokens = await createLocalTokens(join(folder, 'signing.json'), clock);
    const people = createLocalPeople({ tokens, clock, person });
    const code = people.newLink();
    const token = await people.tokenForScripts();
    clock.advance(61 * 60 * 1000);
    expect(await people.signIn(code)).toBeUndefined();
    clock.advance(40 * 24 * 60 * 60 * 1000);
    expect(await people.verify(token)).toBeUndefined();
    const others = await createLocalTokens(join(folder, 'other.json'), clock);
    expect(await people.verify(await others.sign({ kind: 'user', userId: 'local' }, 1000))).toBeUndefined();
    expect(await people.verify(await tokens.sign({ kind: 'agent', townId: 't-one1' }, 1000))).toBeUndefined();
  });
});
