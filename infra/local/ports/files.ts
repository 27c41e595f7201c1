// Files and secrets of a local town: folders and one encrypted file under the data directory.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { z } from 'zod';
import type { Files, Secrets } from '../../../functions/ports.ts';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** Writes beside the target and renames, so that a kill leaves the old or the new content. */
export const writeWhole = async (path: string, body: Uint8Array | string, mode = 0o600): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  await writeFile(draft, body, { mode });
  await rename(draft, path);
};

const listedAtMost = 1000;
export const createLocalFiles = (folder: string): Files => {
  const place = (path: string): string => {
    const full = normalize(join(folder, path));
    if (!full.startsWith(`${normalize(folder)}${sep}`)) throw new Error(`the path ${path} leaves the files folder`);
    return full;
  };
  return {
    put: async (path, body) => {
      await writeWhole(place(path), body);
    },
    get: async (path) => {
      try {
        return await readFile(place(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    list: async (prefix, after = '') => {
      try {
        const found = await readdir(place(prefix), { recursive: true, withFileTypes: true });
        const paths = found.flatMap((entry) => (entry.isFile() ? [relative(folder, join(entry.parentPath, entry.name))] : []));
        return paths
          .filter((path) => path > after)
          .toSorted()
          .slice(0, listedAtMost);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    removePrefix: async (prefix) => {
      await rm(place(prefix), { recursive: true, force: true });
    },
  };
};

const sealedSchema = z.record(z.string(), z.object({ iv: z.string(), tag: z.string(), text: z.string() }));

/** AES-256-GCM with a key file beside it (mode 0600): keeps secrets out of backups and greps, not from the machine's owner. */
export const createLocalSecrets = (options: { readonly path: string; readonly keyPath: string }): Secrets => {
  const key = async (): Promise<Buffer> => {
    try {
      return await readFile(options.keyPath);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const fresh = randomBytes(32);
      await writeWhole(options.keyPath, fresh);
      return fresh;
    }
  };
  const load = async (): Promise<z.infer<typeof sealedSchema>> => {
    try {
      return sealedSchema.parse(JSON.parse(await readFile(options.path, 'utf8')));
    } catch (error) {
      if (isMissing(error)) return {};
      throw error;
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  /** One writer at a time in this process. */
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    put: (name, value) =>
      inOrder(async () => {
        const iv = randomBytes(12);
        const cipher = createCipheriv('aes-256-gcm', await key(), iv);
        const text = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
        const sealed = await load();
        await writeWhole(
          options.path,
          JSON.stringify({
            ...sealed,
            [name]: { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), text: text.toString('base64') },
          }),
        );
      }),
    get: async (name) => {
      const sealed = (await load())[name];
      if (sealed === undefined) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', await key(), Buffer.from(sealed.iv, 'base64'));
      decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
      return Buffer.concat([decipher.update(Buffer.from(sealed.text, 'base64')), decipher.final()]).toString('utf8');
    },
    remove: (name) =>
      inOrder(async () => {
        const { [name]: _removed, ...rest } = await load();
        await writeWhole(options.path, JSON.stringify(rest));
      }),
    removePrefix: (prefix) =>
      inOrder(async () => {
        const sealed = Object.entries(await load());
        const rest = sealed.filter(([name]) => !name.startsWith(prefix));
        if (rest.length < sealed.length) await writeWhole(options.path, JSON.stringify(Object.fromEntries(rest)));
      }),
  };
};
