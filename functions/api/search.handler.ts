// Search over a town's past, and notes on files.
import { ownTown } from '../operations/access.ts';
import { readPage } from '../operations/merged-pages.ts';
import { listNotes, removeNote } from '../operations/notes.ts';
import { searchTown } from '../operations/search.ts';
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { pageOf, wirePage } from './page.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

const usualResults = 20;

export const createHandler = (ports: Ports): ApiHandler =>
  createGroupHandler('search', ports, {
    searchTown: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      const { q, kind, rig: rigId, path, cursor, limit = usualResults } = query;
      return readPage(() => searchTown(ports, { townId, text: q ?? '', kind, rigId, path, cursor, limit }));
    },
    listNotes: async ({ caller, params: { townId }, query }) => {
      await ownTown(ports, caller.userId, townId);
      return readPage(async () => wirePage(await listNotes(ports, townId, pageOf(query))));
    },
    deleteNote: async ({ caller, params: { townId, noteId } }) => {
      await ownTown(ports, caller.userId, townId);
      await removeNote(ports, townId, noteId);
      return { ok: true };
    },
  });
export const handler = lambda(createHandler);
