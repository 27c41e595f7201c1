// All stacks of one deployment.
import { Tags } from 'aws-cdk-lib';
import type { App, StackProps } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { deploymentName } from './options.ts';
import type { DeploymentOptions } from './options.ts';
import { ControlStack } from './stacks/control.stack.ts';
import { DataStack } from './stacks/data.stack.ts';
import { ObservabilityStack } from './stacks/observability.stack.ts';
import { RuntimeStack } from './stacks/runtime.stack.ts';
import { SiteStack } from './stacks/site.stack.ts';

export interface Deployment {
  readonly data: DataStack;
  readonly towns: RuntimeStack;
  readonly control: ControlStack;
  readonly site: SiteStack;
  readonly observability: ObservabilityStack;
}

/** `code` holds all functions, bundled; see bundle.ts. */
export const addDeployment = (app: App, options: DeploymentOptions, code: Code): Deployment => {
  const name = deploymentName(options);
  const { account, region } = options;
  const common = (description: string): StackProps => ({
    description: `Gastown ${name}: ${description}`,
    ...(account === undefined && region === undefined
      ? {}
      : { env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) } }),
  });
  const data = new DataStack(app, `${name}-data`, {
    options,
    terminationProtection: options.data === 'retain',
    ...common('table, files, keys, people'),
  });
  const towns = new RuntimeStack(app, `${name}-runtime`, { options, ...common('network, cluster and task of town runtimes') });
  const control = new ControlStack(app, `${name}-control`, {
    options,
    data,
    towns,
    code,
    ...common('APIs, functions, queue, alarm, workflows'),
  });
  const site = new SiteStack(app, `${name}-site`, { options, data, control, ...common('dashboard') });
  const observability = new ObservabilityStack(app, `${name}-observability`, { options, data, control, ...common('alarms') });
  for (const [key, value] of Object.entries({ ...options.tags, 'gastown:deployment': name })) Tags.of(app).add(key, value);
  if (options.permissionsBoundaryArn !== undefined)
    PermissionsBoundary.of(app).apply(ManagedPolicy.fromManagedPolicyArn(data, 'Boundary', options.permissionsBoundaryArn));
  return { data, towns, control, site, observability };
};
