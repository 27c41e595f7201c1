// What the environment tells a Lambda function. Each port has its variables; a function is given those of the ports that it may use.
import { z } from 'zod';
import { defaultTimings, timingsSchema } from '../contracts/timings.schema.ts';
import type { Timings } from '../contracts/timings.schema.ts';

const text = z.string().min(1);
const list = text.transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const timingsText = z.string().transform((value, context): Timings => {
  try {
    const parsed = timingsSchema.partial().strict().safeParse(JSON.parse(value));
    if (parsed.success) return { ...defaultTimings, ...parsed.data } as Timings;
    context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) });
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
  }
  return z.NEVER;
});

/** Variables of every function. */
const everywhere = {
  GASTOWN_FUNCTION: text,
  /** Name of the deployment, e.g. `gastown-dev`; the issuer of its tokens. */
  GASTOWN_DEPLOYMENT: text,
  GASTOWN_API_URL: z.url(),
  GASTOWN_WS_URL: z.url({ protocol: /^wss$/ }),
  /** JSON object of some timings; the rest keep their defaults. */
  GASTOWN_TIMINGS: timingsText.default(defaultTimings),
  /** US dollars; the deployment sets it from the chosen size. By default a task of 2 vCPU and 8 GB (Fargate, ARM, us-east-1: 0.03238 per vCPU and 0.00356 per GB), rounded up. */
  GASTOWN_RUNTIME_USD_PER_HOUR: z.coerce.number().min(0).default(0.1),
};
/** Variables of each port. The constructs' grants set them together with the permission. */
export const portVariables = {
  store: { GASTOWN_TABLE_NAME: text },
  queue: { GASTOWN_HINT_QUEUE_URL: z.url() },
  alarm: { GASTOWN_WAKE_QUEUE_URL: z.url(), GASTOWN_WAKE_QUEUE_ARN: text, GASTOWN_SCHEDULE_GROUP: text, GASTOWN_SCHEDULE_ROLE_ARN: text },
  workflow: { GASTOWN_MERGE_MACHINE_ARN: text, GASTOWN_TRAIN_MACHINE_ARN: text },
  runtime: {
    GASTOWN_CLUSTER_ARN: text,
    GASTOWN_TASK_DEFINITION: text,
    GASTOWN_CONTAINER_NAME: text,
    GASTOWN_SUBNET_IDS: list,
    GASTOWN_SECURITY_GROUP_IDS: list,
    GASTOWN_PUBLIC_ADDRESS: z.enum(['assigned', 'none']),
    GASTOWN_CAPACITY: z.enum(['FARGATE', 'FARGATE_SPOT']),
  },
  /** The endpoint is made from GASTOWN_WS_URL; the variable says that the function may send. */
  push: { GASTOWN_PUSH: z.literal('allowed') },
  files: { GASTOWN_FILES_BUCKET: text },
  secrets: { GASTOWN_SECRETS_PATH: text.regex(/^\/.*[^/]$/), GASTOWN_SECRETS_KEY_ID: text },
  tokens: { GASTOWN_SIGNING_KEY_ID: text },
  people: { GASTOWN_SIGN_IN_ISSUER: z.url(), GASTOWN_USER_INFO_URL: z.url(), GASTOWN_NO_REPLY_DOMAIN: text },
  /** E-mail; the other channels need nothing but the network. */
  notifier: { GASTOWN_ESCALATION_TOPIC_ARN: text },
  /** Hosts that may be connected as rigs, separated by commas; `*` for every public host. */
  gitHost: { GASTOWN_GIT_HOSTS: list },
} as const;
export type GrantedPort = keyof typeof portVariables;
type PortConfig = {
  readonly [P in GrantedPort]?: {
    readonly [V in keyof (typeof portVariables)[P]]: (typeof portVariables)[P][V] extends z.ZodType
      ? z.output<(typeof portVariables)[P][V]>
      : never;
  };
};
export interface AwsConfig {
  readonly functionName: string;
  readonly deploymentName: string;
  readonly apiUrl: string;
  readonly wsUrl: string;
  readonly timings: Timings;
  readonly runtimeUsdPerHour: number;
  readonly ports: PortConfig;
}

/** The function's environment is not right; the message names every missing and wrong variable. Not retryable; the operator deploys again. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
}

/** A port without any of its variables was not granted and is left out; one with some of them is a mistake. */
export const loadConfig = (environment: Readonly<Record<string, string | undefined>>): AwsConfig => {
  const common = z.object(everywhere).safeParse(environment);
  const problems: string[] = common.success
    ? []
    : common.error.issues.map(
        (issue) => `${issue.path.join('.')}: ${environment[String(issue.path[0])] === undefined ? 'is missing' : issue.message}`,
      );
  const ports: Record<string, unknown> = {};
  for (const [port, variables] of Object.entries(portVariables)) {
    if (Object.keys(variables).every((name) => environment[name] === undefined)) continue;
    const parsed = z.object(variables).safeParse(environment);
    if (parsed.success) ports[port] = parsed.data;
    else
      problems.push(
        ...parsed.error.issues.map(
          (issue) =>
            `${issue.path.join('.')} (${port}): ${environment[String(issue.path[0])] === undefined ? 'is missing' : issue.message}`,
        ),
      );
  }
  if (!common.success || problems.length > 0)
    throw new ConfigurationInvalid(
      `The environment of this function is not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  const { GASTOWN_FUNCTION, GASTOWN_DEPLOYMENT, GASTOWN_API_URL, GASTOWN_WS_URL, GASTOWN_TIMINGS } = common.data;
  // Each entry was parsed by the schema of its own port just above.
  return {
    functionName: GASTOWN_FUNCTION,
    deploymentName: GASTOWN_DEPLOYMENT,
    apiUrl: GASTOWN_API_URL.replace(/\/$/, ''),
    wsUrl: GASTOWN_WS_URL.replace(/\/$/, ''),
    timings: GASTOWN_TIMINGS,
    runtimeUsdPerHour: common.data.GASTOWN_RUNTIME_USD_PER_HOUR,
    ports,
  };
};
