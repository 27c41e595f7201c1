// Variables for the agents' environment. What the runner and its tools rely on cannot be overridden.
import { z } from 'zod';
import { proseSchema } from '../primitives.schema.ts';

/** Names that steer the shell, git, Node, the model server or AWS: with them a variable could lead an agent out of its place. */
const infrastructure =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|IFS|ENV|BASH_ENV|TMPDIR|TMP|TEMP|LD_.*|DYLD_.*|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|GIT_.*|SSH_.*|AWS_.*|ECS_.*|OPENCODE.*|GASTOWN.*|XDG_.*|HTTPS?_PROXY|NO_PROXY|ALL_PROXY|PROMPT_COMMAND|PYTHONSTARTUP)$/i;

const nameSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'letters, digits and underscores, not starting with a digit')
  .refine((name) => !infrastructure.test(name), { error: 'the runner sets this one itself; choose another name' });

const most = 50;
const valueCharacters = 4000;
const differ = (variables: readonly { readonly name: string }[]): boolean =>
  new Set(variables.map((variable) => variable.name)).size === variables.length;
export const envInputSchema = z
  .array(z.strictObject({ name: nameSchema, value: proseSchema.max(valueCharacters), secret: z.boolean().default(false) }))
  .max(most)
  .refine(differ, { error: 'each name once' });
/** A secret value is in the secrets under `valueRef`; people see `valueMask`. */
export const storedEnvSchema = z.array(
  z.discriminatedUnion('secret', [
    z.object({ name: z.string().max(100), secret: z.literal(false), value: z.string().max(valueCharacters) }),
    z.object({ name: z.string().max(100), secret: z.literal(true), valueRef: z.string().max(200), valueMask: z.string().max(8) }),
  ]),
);
export type StoredEnv = z.infer<typeof storedEnvSchema>;
export const envViewSchema = z.array(z.object({ name: z.string(), value: z.string(), secret: z.boolean() }));
