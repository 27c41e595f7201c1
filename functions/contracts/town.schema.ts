// Towns, rigs, and the Mayor's conversation.
import { z } from 'zod';
import {
  branchSchema,
  isoTimeSchema,
  limits,
  lineSchema,
  rigIdSchema,
  storedTextOfBytes,
  townIdSchema,
  ulidSchema,
  userIdSchema,
} from './primitives.schema.ts';
import { hostConnectionIdSchema, hostConnectionSchema, hostConnectionsKept } from './host-connection.schema.ts';
import { townStopSchema } from './stop.schema.ts';
import { settingsViewSchema, storedSettingsSchema } from './settings.schema.ts';
import { storedGateSchema } from './gate.schema.ts';

export const townSchema = z.object({
  townId: townIdSchema,
  name: z.string().min(1).max(80),
  ownerId: userIdSchema,
  /** What is set for the town itself. */
  config: storedSettingsSchema,
  /** Copies of what the owner's organisation and the people of the town have set, so that a pass reads no more than the town. */
  inherited: z.object({ organisation: storedSettingsSchema, people: z.record(userIdSchema, storedSettingsSchema) }).optional(),
  /** Connections to git hosts, in the order in which they were made. */
  hostConnections: z.array(hostConnectionSchema).max(hostConnectionsKept).optional(),
  deletedAt: isoTimeSchema.optional(),
  /** The emergency stop that holds. */
  stopped: townStopSchema.optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Town = z.infer<typeof townSchema>;
/** A town as people read it. */
export const townViewSchema = townSchema.omit({ inherited: true, hostConnections: true }).extend({ config: settingsViewSchema });
export type TownView = z.infer<typeof townViewSchema>;

/** `https://…`, `ssh://…`, `git@host:path`, `file:///…` or an absolute path (local towns only). Credentials in a URL are refused. */
export const gitUrlSchema = lineSchema
  .min(1)
  .max(1000)
  .regex(/^(https?:\/\/|ssh:\/\/|file:\/\/\/|\/|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:)[^\s]*$/, 'give an https or ssh URL, or an absolute path')
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), { error: 'leave user name and password out of the URL; give them as credential' })
  .refine((url) => !/^https?:\/\/[^?#]*[?#]/.test(url), { error: 'leave out what follows `?` or `#`; a token is given as credential' })
  .refine((url) => !/^((https?|ssh):\/\/([^/@]*@)?|[A-Za-z0-9._-]+@)-/.test(url), {
    error: 'the name of a host begins with a letter or a digit',
  });

export const rigSchema = z.object({
  townId: townIdSchema,
  rigId: rigIdSchema,
  name: z.string().min(1).max(80),
  gitUrl: z.string().min(1).max(1000),
  defaultBranch: branchSchema,
  /** 2 to 6 letters in front of this rig's bead ids. */
  prefix: z.string().regex(/^[a-z]{2,6}$/),
  gates: z.array(storedGateSchema).max(10),
  /** What is set for the rig itself; its gates are the field above. */
  config: storedSettingsSchema.optional(),
  /** Name of the secret that holds the git credential, if one was given. */
  credentialRef: z.string().max(200).optional(),
  /** Its host has pull requests which its credential may open: found out when it was connected. Absent: work is merged directly. */
  pullRequests: z.object({ host: z.enum(['github', 'gitlab']), repo: z.string().min(1).max(300), login: z.string().max(200) }).optional(),
  /** The connection of the town that the repository is asked with first. */
  hostConnectionId: hostConnectionIdSchema.optional(),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
});
export type Rig = z.infer<typeof rigSchema>;
/** A rig as people read it. */
export const rigViewSchema = rigSchema.extend({ config: settingsViewSchema.optional() });
export type RigView = z.infer<typeof rigViewSchema>;

/** What the person is looking at; ids are resolved by the server before they reach the model. */
export const mayorContextSchema = z.strictObject({ page: lineSchema.max(200).optional(), openBeadId: lineSchema.max(40).optional() });
export const mayorMessageSchema = z.object({
  townId: townIdSchema,
  userId: userIdSchema,
  messageId: ulidSchema,
  role: z.enum(['user', 'mayor', 'system']),
  text: storedTextOfBytes(limits.chatBytes),
  /** User messages: queued → working → answered (or failed with a sentence in `error`). Others are `final`. */
  state: z.enum(['queued', 'working', 'answered', 'failed', 'final']),
  /** A Mayor message answers this user message. */
  replyTo: ulidSchema.optional(),
  /** What the person was looking at; the bead is one of this town. */
  context: z.strictObject({ page: z.string().max(200).optional(), openBeadId: z.string().max(40).optional() }).optional(),
  error: z.string().max(1000).optional(),
  at: isoTimeSchema,
  version: z.int().min(1),
});
export type MayorMessage = z.infer<typeof mayorMessageSchema>;
