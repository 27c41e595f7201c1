// Features that can be rolled out in steps and switched off at once. They belong to the account: the organisation.
import { z } from 'zod';
import { userIdSchema } from '../primitives.schema.ts';
import { plain } from './setting.ts';

export const flagSchema = z.strictObject({
  /** `off` is the kill switch. */
  to: z.enum(['off', 'admins', 'allowlist', 'percent', 'all']),
  allow: z.array(userIdSchema).max(200).optional(),
  /** Of the towns. */
  percent: z.int().min(0).max(100).optional(),
});
export type Flag = z.infer<typeof flagSchema>;

const flag = (sentence: string, reader: { readonly readBy: `functions/${string}.ts` } | { readonly waitsFor: string }) =>
  plain(flagSchema, { default: { to: 'all' }, scopes: ['organisation'], sentence, ...reader });

export const flagSettings = {
  'flags.convoys': flag('Who may create convoys.', { readBy: 'functions/operations/sling-batch.ts' }),
  'flags.multiRig': flag('Who may connect more than one rig to a town.', { readBy: 'functions/operations/rigs.ts' }),
  'flags.prStrategy': flag('Who may merge by pull requests.', { readBy: 'functions/domain/merge/strategy.ts' }),
  'flags.variants': flag('Who may have a bead done in several variants.', { waitsFor: 'beads have no variants yet' }),
  'flags.wasteland': flag('Who may use the wasteland.', { waitsFor: 'the wasteland is not connected yet' }),
} as const;
