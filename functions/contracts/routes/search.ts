// Search over a town's past, and the notes that agents leave on files.
import { z } from 'zod';
import { beadStatusSchema } from '../bead.schema.ts';
import { isoTimeSchema, lineSchema, pageOf, pageQuerySchema, rigIdSchema, townIdSchema, ulidSchema } from '../primitives.schema.ts';
import { historyKindSchema, historySchema, noteSchema, pathInputSchema } from '../search.schema.ts';
import { none, ok, route, town } from './route.ts';

const about = {
  beadTitle: z.string().optional(),
  beadStatus: beadStatusSchema.optional(),
  /** What the bead's agent said that it did, or why it failed. */
  why: z.string().optional(),
};
const found = historySchema.pick({ beadId: true, agentId: true, rigId: true, files: true });

export const searchResultSchema = z.object({
  kind: historyKindSchema,
  id: z.string(),
  at: isoTimeSchema,
  title: z.string(),
  excerpt: z.string().optional(),
  ...found.shape,
  ...about,
});
export const touchedSchema = z.object({
  rigId: rigIdSchema,
  /** From the top of the repository; a folder ends with a slash. */
  files: z.array(z.string()),
  at: isoTimeSchema,
  beadId: z.string(),
  agentId: z.string().optional(),
  ...about,
});
export const noteViewSchema = noteSchema.omit({ townId: true, deleteAfterEpochSeconds: true }).extend({ expiresAt: isoTimeSchema });
export const searchAnswerSchema = z.object({
  /** Best first. */
  results: z.array(searchResultSchema),
  /** Who was last in the path, newest first; on the first page of a search with a path. */
  touched: z.array(touchedSchema),
  notes: z.array(noteViewSchema),
  /** Everything that is kept was looked at. */
  complete: z.boolean(),
  /** How far back it looked. */
  searchedTo: isoTimeSchema.optional(),
  /** To search further back. */
  cursor: z.string().optional(),
});
export type SearchAnswer = z.infer<typeof searchAnswerSchema>;
export type SearchResult = z.infer<typeof searchResultSchema>;
export type Touched = z.infer<typeof touchedSchema>;
export type NoteView = z.infer<typeof noteViewSchema>;

export const searchRoutes = {
  searchTown: route({
    group: 'search',
    method: 'GET',
    path: '/api/towns/{townId}/search',
    auth: 'user',
    summary:
      'Search beads, results, events, transcripts and notes: `q` are words, `path` is a file or folder (who touched it last, and why). Looks back within a bound; `cursor` goes on.',
    params: town,
    query: pageQuerySchema.extend({
      q: lineSchema.max(200).optional(),
      kind: historyKindSchema.optional(),
      rig: rigIdSchema.optional(),
      path: pathInputSchema.optional(),
    }),
    response: searchAnswerSchema,
    status: 200,
  }),
  listNotes: route({
    group: 'search',
    method: 'GET',
    path: '/api/towns/{townId}/notes',
    auth: 'user',
    summary: 'Notes that agents left on files, newest first.',
    params: town,
    query: pageQuerySchema,
    response: pageOf(noteViewSchema),
    status: 200,
  }),
  deleteNote: route({
    group: 'search',
    method: 'DELETE',
    path: '/api/towns/{townId}/notes/{noteId}',
    auth: 'user',
    summary: 'Remove a note; nobody is told of it any more.',
    params: z.strictObject({ townId: townIdSchema, noteId: ulidSchema }),
    query: none,
    response: ok,
    status: 200,
  }),
} as const;
