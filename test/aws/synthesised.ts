// The templates of one deployment, made in this process without bundling, network or Docker.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { z } from 'zod';
import { addDeployment } from '../../infra/aws/deployment.ts';
import { featureFlags } from '../../infra/aws/feature-flags.ts';
import { parseOptions } from '../../infra/aws/options.ts';
import { templateSchema } from '../../infra/aws/policy-check.ts';

export interface Resource {
  readonly id: string;
  readonly stack: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
export interface Synthesised {
  readonly templates: ReadonlyMap<string, unknown>;
  readonly resources: readonly Resource[];
  /** `rule: path` of each finding of cdk-nag. */
  readonly nagFindings: readonly string[];
}

export const synthesise = (options: unknown): Synthesised => {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
  try {
    const app = new App({ outdir, postCliContext: featureFlags });
    addDeployment(app, parseOptions(options, 'the test'), Code.fromInline('exports.handler = async () => {};'));
    const templates = new Map(app.synth().stacks.map((stack) => [stack.stackName, z.unknown().parse(stack.template)]));
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const resources = [...templates].flatMap(([stack, template]) =>
      Object.entries(templateSchema.parse(template).Resources).map(([id, { Type, Properties }]) => ({
        id,
        stack,
        type: Type,
        properties: Properties,
      })),
    );
    return { templates, resources, nagFindings: violations.map(({ ruleName, description }) => `${ruleName}: ${description}`) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

const reference = z.union([
  z.strictObject({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.strictObject({ 'Fn::GetAtt': z.array(z.string()) }).transform((value) => value['Fn::GetAtt'].join('.')),
  z.strictObject({ 'Fn::ImportValue': z.string() }).transform((value) => value['Fn::ImportValue']),
]);
const joinSchema = z.strictObject({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) });
/** The text of a property with `<name>` for what CloudFormation fills in. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const joined = joinSchema.safeParse(value);
  if (joined.success) return joined.data['Fn::Join'][1].map(textOf).join(joined.data['Fn::Join'][0]);
  const named = reference.safeParse(value);
  return named.success ? `<${named.data}>` : JSON.stringify(value);
};
