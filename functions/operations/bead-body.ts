// Bodies that are too long for an item: the file first, then the item that names it. A file that no item names is removed at night.
import { createHash } from 'node:crypto';
import type { Bead } from '../contracts/bead.schema.ts';
import { beginningOf, bytesOf, isLong } from '../domain/long-body.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { beadOf } from './access.ts';

type Owner = Pick<Bead, 'townId' | 'beadId'>;
export type KeptBody = Pick<Bead, 'body' | 'bodyFile'>;

/** Bodies of a town: `<bead>/<file>`; a file's id is a ULID, so that its age is known. */
export const bodiesFolder = (townId: string): string => `towns/${townId}/bodies/`;
const folderOf = ({ townId, beadId }: Owner): string => `${bodiesFolder(townId)}${beadId}/`;
const hashOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** What the bead's item holds of the text; a long one is in Files when this returns. */
export const keptBody = async (ports: Pick<Ports, 'files' | 'ids'>, owner: Owner, text: string): Promise<KeptBody> => {
  if (!isLong(text)) return { body: text };
  const fileId = ports.ids.ulid();
  await ports.files.put(`${folderOf(owner)}${fileId}`, new TextEncoder().encode(text));
  return { body: beginningOf(text), bodyFile: { fileId, bytes: bytesOf(text), hash: hashOf(text) } };
};

/** The bead with its long body in Files. */
export const withKeptBody = async <B extends Bead>(ports: Pick<Ports, 'files' | 'ids'>, bead: B): Promise<B> =>
  isLong(bead.body) ? { ...bead, ...(await keptBody(ports, bead, bead.body)) } : bead;

/** Whether the text is the one that the bead's file holds. */
export const isWholeOf = (bead: Bead, text: string): boolean => bead.bodyFile !== undefined && bead.bodyFile.hash === hashOf(text);

/** The text that the item names; undefined when the file is gone or is another one. */
const textOf = async (ports: Pick<Ports, 'files'>, bead: Bead): Promise<string | undefined> => {
  if (bead.bodyFile === undefined) return bead.body;
  const bytes = await ports.files.get(`${folderOf(bead)}${bead.bodyFile.fileId}`);
  return bytes !== undefined && hashOf(bytes) === bead.bodyFile.hash
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    : undefined;
};

/** The bead with its whole body in place, for what reads everything. Should the file be gone: its beginning, which says that it is one. */
export const withWholeBody = async (ports: Pick<Ports, 'files'>, bead: Bead): Promise<Bead> => {
  const { bodyFile, ...rest } = bead;
  if (bodyFile === undefined) return bead;
  const body = await textOf(ports, bead);
  return body === undefined ? bead : { ...rest, body };
};

const readings = 3;
/** The whole text. Throws 404. Who edits it removes the old file behind the change: then the bead is read again. */
export const wholeBodyOf = async (ports: Ports, townId: string, beadId: string): Promise<string> => {
  for (let reading = 0; reading < readings; reading += 1) {
    const text = await textOf(ports, await beadOf(ports, townId, beadId));
    if (text !== undefined) return text;
  }
  throw notFound(`The whole text of ${beadId} is not in Files any more; its beginning is in the bead.`);
};

/** Once the item names another text, or the bead goes. Lost, it is done at night. */
export const forgetBody = async (ports: Pick<Ports, 'files'>, bead: Bead): Promise<void> => {
  if (bead.bodyFile !== undefined) await ports.files.removePrefix(`${folderOf(bead)}${bead.bodyFile.fileId}`);
};
