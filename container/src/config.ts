// The runner's configuration: the one place that reads the environment.
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { AwsEnvironment } from './doors/aws-credentials.ts';
import { townIdSchema } from '../../functions/contracts/primitives.schema.ts';

const environmentSchema = z.object({
  GASTOWN_API_URL: z.url(),
  GASTOWN_BOOTSTRAP_TOKEN: z.string().min(16),
  GASTOWN_TOWN_ID: townIdSchema,
  /** The runner's home on disk; a later runner on the same folder goes on where this one stopped. */
  GASTOWN_DATA_DIR: z.string().min(1),
  /** `agent`: a Unix user per agent where the machine allows it. `none`: everything under the runner's own user. */
  GASTOWN_ISOLATION: z.enum(['agent', 'none']).default('agent'),
  /** Path of the opencode program; found in node_modules when absent. */
  GASTOWN_OPENCODE: z.string().min(1).optional(),
  /** Where the scripted model answers, for towns whose model route is `scripted`. */
  GASTOWN_SCRIPTED_MODEL_URL: z.url().optional(),
  /** Existing Unix users for agents, comma separated (images with a read-only root file system). Made by useradd when absent. */
  GASTOWN_AGENT_USERS: z.string().optional(),
  PATH: z.string().default('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'),
  LANG: z.string().default('C.UTF-8'),
  /** For the runner's own git over ssh; never passed to agents. */
  HOME: z.string().default('/'),
  SSH_AUTH_SOCK: z.string().optional(),
  /** For signing Bedrock calls; never passed to agents. */
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: z.string().regex(/^\//).optional(),
  AWS_ACCESS_KEY_ID: z.string().min(1).optional(),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  AWS_SESSION_TOKEN: z.string().min(1).optional(),
});

export interface RunnerConfig {
  readonly apiUrl: string;
  readonly bootstrapToken: string;
  readonly townId: string;
  readonly dataDir: string;
  readonly isolation: 'agent' | 'none';
  readonly opencodePath: string;
  readonly scriptedModelUrl: string | undefined;
  readonly agentUsers: readonly string[] | undefined;
  readonly path: string;
  readonly lang: string;
  readonly home: string;
  readonly sshAuthSocket: string | undefined;
  readonly aws: AwsEnvironment;
}

/** The opencode program of this platform among the installed packages. Throws a sentence that says what to do. */
export const findOpencode = (): string => {
  const require = createRequire(import.meta.url);
  const name = `opencode-${process.platform}-${process.arch}`;
  let folder: string;
  try {
    folder = dirname(require.resolve(`${name}/package.json`));
  } catch {
    throw new Error(`The package ${name} is not installed. Run "npm install", or set GASTOWN_OPENCODE to the path of an opencode program.`);
  }
  return join(folder, 'bin', 'opencode');
};

/** Reads the environment; throws one error that names every missing or wrong variable. */
export const loadConfig = (environment: Readonly<Record<string, string | undefined>>): RunnerConfig => {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(
      `The runner's environment is incomplete: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} (${issue.message})`).join(', ')}`,
    );
  }
  const values = parsed.data;
  const opencodePath = values.GASTOWN_OPENCODE === undefined ? findOpencode() : resolve(values.GASTOWN_OPENCODE);
  if (!existsSync(opencodePath))
    throw new Error(`There is no opencode program at ${opencodePath}. Set GASTOWN_OPENCODE or run "npm install".`);
  accessSync(opencodePath, constants.X_OK);
  const users = values.GASTOWN_AGENT_USERS?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return {
    apiUrl: values.GASTOWN_API_URL.replace(/\/$/, ''),
    bootstrapToken: values.GASTOWN_BOOTSTRAP_TOKEN,
    townId: values.GASTOWN_TOWN_ID,
    dataDir: resolve(values.GASTOWN_DATA_DIR),
    isolation: values.GASTOWN_ISOLATION,
    opencodePath,
    scriptedModelUrl: values.GASTOWN_SCRIPTED_MODEL_URL,
    agentUsers: users === undefined || users.length === 0 ? undefined : users,
    path: values.PATH,
    lang: values.LANG,
    home: values.HOME,
    sshAuthSocket: values.SSH_AUTH_SOCK,
    aws: {
      taskRolePath: values.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
      keys:
        values.AWS_ACCESS_KEY_ID === undefined || values.AWS_SECRET_ACCESS_KEY === undefined
          ? undefined
          : {
              accessKeyId: values.AWS_ACCESS_KEY_ID,
              secretAccessKey: values.AWS_SECRET_ACCESS_KEY,
              sessionToken: values.AWS_SESSION_TOKEN,
            },
    },
  };
};
