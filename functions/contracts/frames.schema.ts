// WebSocket frames, at most 32 KB each. Events are hints: the truth is re-read over REST by cursor.
import { z } from 'zod';
import { sessionPartSchema } from './runner.schema.ts';
import { agentIdSchema, townIdSchema } from './primitives.schema.ts';

/** `feed`, `beads`, `agents`, `convoys`, `merges`, `mayor`, or `agent:<id>` for a live session view. */
export const topicSchema = z.string().regex(/^(feed|beads|agents|convoys|merges|mayor|agent:[a-z][a-z0-9-]{0,62})$/);

/** Browser or runner → server. */
export const clientFrameSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('subscribe'), townId: townIdSchema, topics: z.array(topicSchema).min(1).max(20) }),
  z.strictObject({ action: z.literal('unsubscribe'), townId: townIdSchema, topics: z.array(topicSchema).min(1).max(20) }),
  z.strictObject({ action: z.literal('ping') }),
  /** Runner: live parts of an agent's session, sent only while somebody watches (`watch` frame). Not stored. */
  z.strictObject({ action: z.literal('delta'), agentId: agentIdSchema, part: sessionPartSchema }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** Server → browser or runner. */
export const serverFrameSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pong') }),
  z.object({ kind: z.literal('subscribed'), townId: townIdSchema, topics: z.array(z.string()) }),
  /** Something of this topic changed; `ids` name what, as far as known; `eventId` is the newest event. */
  z.object({
    kind: z.literal('changed'),
    townId: townIdSchema,
    topic: z.string(),
    ids: z.array(z.string()).max(50),
    eventId: z.string().optional(),
  }),
  z.object({ kind: z.literal('delta'), townId: townIdSchema, agentId: agentIdSchema, part: sessionPartSchema }),
  /** To the runner: read the desired set again. */
  z.object({ kind: z.literal('desired'), desiredVersion: z.string() }),
  /** To the runner: somebody watches these agents now. */
  z.object({ kind: z.literal('watch'), agentIds: z.array(agentIdSchema) }),
  z.object({ kind: z.literal('error'), title: z.string(), detail: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
