// Where towns run: network, cluster, task.
import { Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TownRuntime } from '../constructs/town-runtime.construct.ts';
import { deploymentName } from '../options.ts';
import type { DeploymentOptions } from '../options.ts';

export interface RuntimeStackProps extends StackProps {
  readonly options: DeploymentOptions;
}

export class RuntimeStack extends Stack {
  readonly runtime: TownRuntime;

  constructor(scope: Construct, id: string, { options, ...props }: RuntimeStackProps) {
    super(scope, id, props);
    this.runtime = new TownRuntime(this, 'TownRuntime', { deploymentName: deploymentName(options), options });
  }
}
