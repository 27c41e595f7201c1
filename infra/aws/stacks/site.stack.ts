// The dashboard on CloudFront, and its client of the sign-in.
import { fileURLToPath } from 'node:url';
import { Aws, CfnOutput, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Site } from '../constructs/site.construct.ts';
import { deploymentName } from '../options.ts';
import type { DeploymentOptions } from '../options.ts';
import type { ControlStack } from './control.stack.ts';
import type { DataStack } from './data.stack.ts';

export interface SiteStackProps extends StackProps {
  readonly options: DeploymentOptions;
  readonly data: DataStack;
  readonly control: ControlStack;
}
/** Where Vite writes the dashboard. */
export const webFolder = fileURLToPath(new URL('../../../web/dist', import.meta.url));

export class SiteStack extends Stack {
  constructor(scope: Construct, id: string, { options, data, control, ...props }: SiteStackProps) {
    super(scope, id, props);
    const live = `wss://${control.liveApi.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`;
    const site = new Site(this, 'Site', {
      deploymentName: deploymentName(options),
      api: { host: `${control.restApi.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, stageName: control.restApi.stageName },
      connectsTo: [live, data.signIn.url],
    });
    const client = data.signIn.clientFor(this, site.url);
    site.publish({
      webFolder,
      logRetentionDays: options.logRetentionDays,
      config: { signIn: { kind: 'cognito', url: data.signIn.url, clientId: client.userPoolClientId, scope: 'openid email profile' } },
    });
    new CfnOutput(this, 'SiteUrl', { value: site.url });
    new CfnOutput(this, 'SignInUrl', { value: data.signIn.url });
    new CfnOutput(this, 'UserPoolId', { value: data.signIn.pool.userPoolId });
  }
}
