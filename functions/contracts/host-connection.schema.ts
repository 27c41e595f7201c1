// Connections of a town to git hosts: an app that is installed there, or a token of a person. Several repositories may use one.
import { z } from 'zod';
import { isoTimeSchema, lineSchema, nameSchema } from './primitives.schema.ts';

export const hostConnectionIdSchema = z.string().regex(/^h-[a-z0-9]{4,16}$/, 'the id of a connection looks like h-4f9k2m1q');
export const hostConnectionsKept = 10;
const isOrigin = (text: string): boolean => /^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(text);
/** Where the host's pages are. Its API follows from it. */
const originSchema = lineSchema
  .max(300)
  .refine(isOrigin, { error: 'the address of the host without a path, e.g. https://github.example.com' })
  .transform((text) => text.toLowerCase());
const idSchema = z.int().positive().max(Number.MAX_SAFE_INTEGER);

const stored = {
  hostConnectionId: hostConnectionIdSchema,
  name: z.string().min(1).max(80),
  host: z.enum(['github']),
  origin: z.string().max(300),
  /** Who acts on the host: the account that the app is installed for, or the person of the token. */
  account: z.string().max(200),
  /** Name of the secret that holds the key or token, and what people see of it. */
  secretRef: z.string().max(200),
  secretMask: z.string().max(20),
  updatedAt: isoTimeSchema,
};
export const hostConnectionSchema = z.discriminatedUnion('kind', [
  z.object({ ...stored, kind: z.literal('app'), appId: idSchema, installationId: idSchema }),
  z.object({ ...stored, kind: z.literal('token'), username: z.string().max(200) }),
]);
export type HostConnection = z.infer<typeof hostConnectionSchema>;

const view = { secretRef: true } as const;
/** A connection as people read it: without its secret, and without where that is. */
export const hostConnectionViewSchema = z.discriminatedUnion('kind', [
  hostConnectionSchema.options[0].omit(view).extend({
    /** Permissions that the app lacks for a part of what the town can do. */
    advice: z.array(z.string().max(300)).max(10).optional(),
  }),
  hostConnectionSchema.options[1].omit(view),
]);
export type HostConnectionView = z.infer<typeof hostConnectionViewSchema>;

/** A key of RSA in PEM takes about 1700 characters; the store of secrets takes 4 KB. */
const privateKeySchema = z
  .string()
  .max(3400)
  .regex(
    /^\s*-----BEGIN (?:RSA )?PRIVATE KEY-----[\sA-Za-z0-9+/=]+-----END (?:RSA )?PRIVATE KEY-----\s*$/,
    'the private key of the app, as the .pem file that the host gave you',
  );
const tokenSchema = lineSchema.min(1).max(3000);
const given = { name: nameSchema, origin: originSchema.optional() };
export const newHostConnectionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...given, kind: z.literal('app'), appId: idSchema, installationId: idSchema, privateKey: privateKeySchema }),
  z.strictObject({ ...given, kind: z.literal('token'), username: lineSchema.min(1).max(200).optional(), token: tokenSchema }),
]);
export type NewHostConnection = z.infer<typeof newHostConnectionSchema>;
/** What is absent stays. A new key or token is tried before it takes the place of the old one. */
export const hostConnectionPatchSchema = z.strictObject({
  name: nameSchema.optional(),
  installationId: idSchema.optional(),
  privateKey: privateKeySchema.optional(),
  token: tokenSchema.optional(),
});
export type HostConnectionPatch = z.infer<typeof hostConnectionPatchSchema>;
