// What a deployment may choose, all in one file (default `gastown.deploy.json` in the repository's root; without it the defaults hold).
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** Prefix and stage together leave room for `-files-<account>-<region>` in the 63 characters of a bucket's name. */
const word = (longest: number) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]*[a-z0-9]$/, 'lower-case letters, digits and dashes')
    .max(longest)
    .refine((name) => !/aws|amazon|cognito/.test(name), { error: 'may not contain aws, amazon or cognito: Cognito refuses such a domain' });
const arn = z.string().regex(/^arn:aws[a-z-]*:/, 'an ARN');

export const deploymentOptionsSchema = z.strictObject({
  /** In front of every name; several deployments in one account differ by prefix or stage. */
  prefix: word(16).default('gastown'),
  stage: word(12).default('dev'),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .optional(),
  /** Put on every resource, beside `gastown:deployment`. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
  /** Managed policy that bounds every role made here; organisations often demand one. */
  permissionsBoundaryArn: arn.optional(),
  /** `retain`: table, bucket, keys and people survive `destroy` and are protected from deletion. `destroy`: for trials; all data goes with the stack. */
  data: z.enum(['retain', 'destroy']).default('retain'),
  logRetentionDays: z.union([z.literal(7), z.literal(14), z.literal(30), z.literal(90), z.literal(180), z.literal(365)]).default(30),
  network: z
    .discriminatedUnion('kind', [
      /** Two zones with public subnets and no NAT gateway; tasks have a public address and let nothing in. */
      z.strictObject({
        kind: z.literal('new'),
        cidr: z
          .string()
          .regex(/^\d+\.\d+\.\d+\.\d+\/(1[6-9]|2[0-4])$/)
          .default('10.61.0.0/20'),
      }),
      /** Your own subnets. `publicAddress: none` needs a NAT gateway or a proxy of yours. */
      z.strictObject({
        kind: z.literal('existing'),
        vpcId: z.string().regex(/^vpc-/),
        subnetIds: z
          .array(z.string().regex(/^subnet-/))
          .min(1)
          .max(6),
        publicAddress: z.enum(['assigned', 'none']),
      }),
    ])
    .default({ kind: 'new', cidr: '10.61.0.0/20' }),
  runtime: z
    .strictObject({
      /** Fargate sizes; an agent needs about 0.45 GB before builds. */
      cpu: z.union([z.literal(1024), z.literal(2048), z.literal(4096), z.literal(8192)]).default(2048),
      memoryMiB: z.int().min(2048).max(61_440).default(8192),
      ephemeralGiB: z.int().min(21).max(200).default(50),
      capacity: z.enum(['FARGATE', 'FARGATE_SPOT']).default('FARGATE'),
      /** An image in a registry instead of the one built from container/Dockerfile; then no Docker is needed to deploy. */
      imageUri: z.string().min(3).max(300).optional(),
      /** Bedrock models and inference profiles that agents may call. */
      bedrockArns: z
        .array(arn)
        .min(1)
        .default(['arn:aws:bedrock:*::foundation-model/anthropic.*', 'arn:aws:bedrock:*:*:inference-profile/*anthropic.*']),
    })
    .prefault({}),
  /** Git hosts that may be connected; `*` is every public host. */
  gitHosts: z.array(z.string().min(1).max(253)).min(1).default(['*']),
  /** The first person: gets an invitation by e-mail at the first deployment. */
  ownerEmail: z.email().optional(),
  /** Get escalations of every town by e-mail where the town's channels say so, after confirming the subscription. */
  escalationEmails: z.array(z.email()).max(20).default([]),
  /** Gets the alarms and the budget's warning, after confirming the subscription. */
  alarmEmail: z.email().optional(),
  /** A budget over this whole account; its warning comes at 80 % and 100 %. */
  monthlyBudgetUsd: z.int().min(1).max(1_000_000).optional(),
  /** Requests a second and burst of the REST API. */
  apiRate: z
    .strictObject({ perSecond: z.int().min(1).max(10_000).default(100), burst: z.int().min(1).max(5000).default(200) })
    .prefault({}),
});
export type DeploymentOptions = z.infer<typeof deploymentOptionsSchema>;

/** The options file is not right; the message names every wrong field. */
export class OptionsInvalid extends Error {
  override readonly name = 'OptionsInvalid';
}

export const parseOptions = (value: unknown, where: string): DeploymentOptions => {
  const parsed = deploymentOptionsSchema.safeParse(value);
  if (!parsed.success) throw new OptionsInvalid(`${where} is not right:\n${z.prettifyError(parsed.error)}`);
  const budgetWithoutReader = parsed.data.monthlyBudgetUsd !== undefined && parsed.data.alarmEmail === undefined;
  if (budgetWithoutReader)
    throw new OptionsInvalid(`${where} is not right:\nmonthlyBudgetUsd needs alarmEmail: somebody must get the warning`);
  return parsed.data;
};

/** The file may be absent; then the defaults hold. */
export const readOptions = (path: string): DeploymentOptions => {
  if (!existsSync(path)) return parseOptions({}, 'the defaults');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new OptionsInvalid(`${path} is not JSON: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
  return parseOptions(value, path);
};

/** `gastown-dev`: in front of every physical name. */
export const deploymentName = (options: Pick<DeploymentOptions, 'prefix' | 'stage'>): string => `${options.prefix}-${options.stage}`;
