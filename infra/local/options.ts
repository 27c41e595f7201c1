// Arguments of `npm start`, checked, with a help text.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export const usage = `Usage: npm start -- [options]
  --port N      port of the dashboard and the API on 127.0.0.1 (default 4400; 0 takes a free one)
  --data DIR    where everything is kept (default .gastown)
  --no-demo     start without the sample repository and town
  --no-open     do not open the browser
  --help        this text
`;

const optionsSchema = z.strictObject({
  port: z
    .string()
    .regex(/^\d{1,5}$/, 'is a number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, { error: 'is a number from 0 to 65535' }),
  data: z
    .string()
    .min(1, 'names a folder')
    .transform((path) => resolve(path.replace(/^~(?=\/|$)/, homedir()))),
  demo: z.boolean(),
  open: z.boolean(),
  help: z.boolean(),
});
export type StartOptions = z.infer<typeof optionsSchema>;
export type ParsedOptions = { readonly ok: true; readonly options: StartOptions } | { readonly ok: false; readonly message: string };

/** `args` are the words behind `npm start --`. */
export const parseOptions = (args: readonly string[]): ParsedOptions => {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        port: { type: 'string', default: '4400' },
        data: { type: 'string', default: '.gastown' },
        demo: { type: 'boolean', default: true },
        open: { type: 'boolean', default: true },
        help: { type: 'boolean', default: false },
      },
    });
    const parsed = optionsSchema.safeParse(values);
    if (parsed.success) return { ok: true, options: parsed.data };
    return { ok: false, message: parsed.error.issues.map((issue) => `--${issue.path.join('.')} ${issue.message}`).join('; ') };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'the arguments cannot be read' };
  }
};
