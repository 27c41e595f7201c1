// One Lambda function: arm64, its own role and log group. Ports come to it by the grants of other constructs.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

/** What every function of a deployment is told and made of. */
export interface CommonEnvironment {
  /** A folder with `<name>.mjs` for each function; see bundle.ts. */
  readonly code: Code;
  readonly deploymentName: string;
  readonly apiUrl: string;
  readonly wsUrl: string;
  readonly logRetentionDays: number;
  /** Price of an hour of a town's runtime, which is charged to the town. */
  readonly runtimeUsdPerHour: number;
}

export interface GastownFunctionProps {
  /** Short name, e.g. `api-towns`: of its file in the code and in its logs. */
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  readonly common: CommonEnvironment;
}

export class GastownFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly functionName: string;
  readonly timeoutSeconds: number;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: GastownFunctionProps) {
    super(scope, id);
    this.timeoutSeconds = props.timeoutSeconds;
    this.functionName = `${props.common.deploymentName}-${props.name}`;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/gastown/${props.common.deploymentName}/functions/${props.name}`,
      retention: props.common.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Of the function ${this.functionName}`,
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: this.functionName,
      code: props.common.code,
      handler: `${props.name}.handler`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memoryMiB,
      tracing: Tracing.ACTIVE,
      role: this.role.withoutPolicyUpdates(),
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        GASTOWN_FUNCTION: props.name,
        GASTOWN_DEPLOYMENT: props.common.deploymentName,
        GASTOWN_API_URL: props.common.apiUrl,
        GASTOWN_WS_URL: props.common.wsUrl,
        GASTOWN_RUNTIME_USD_PER_HOUR: String(props.common.runtimeUsdPerHour),
      },
    });
    this.allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']);
    acknowledge(this.role, {
      'AwsSolutions-IAM5[Resource::*]':
        'X-Ray has no resources to name in a permission to write traces, nor has DynamoDB in one to list streams.',
    });
    acknowledge(this.lambda, {
      'AwsSolutions-L1': 'Node.js 24 is the newest runtime of Lambda; the rule compares with a list that may lag behind.',
    });
  }

  /** One statement of the function's role. Grants of constructs use it, so that permission and variable come together. */
  allow(
    actions: readonly string[],
    resources: readonly string[],
    conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>,
  ): void {
    this.role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: [...actions],
        resources: [...resources],
        ...(conditions === undefined ? {} : { conditions }),
      }),
    );
  }

  /** Accepts a wildcard finding of the function's role, with its reason. */
  acceptWildcards(reasons: Readonly<Record<string, string>>): void {
    acknowledge(this.role, reasons);
  }

  set(variables: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(variables)) this.lambda.addEnvironment(name, value);
  }
}
