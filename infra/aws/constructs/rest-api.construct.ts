// The REST API, made from the route table: every route, each to the function of its group. Tokens are checked by the functions.
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi as CdkRestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routeGroups, routes } from '../../../functions/contracts/routes.ts';
import type { RouteGroup } from '../../../functions/contracts/routes.ts';
import { acknowledge } from '../acknowledge.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export const restStageName = 'v1';

export interface RestApiProps {
  readonly deploymentName: string;
  readonly logRetentionDays: number;
  readonly rate: { readonly perSecond: number; readonly burst: number };
}

/** What is logged of a request: never a header, a token or a body. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTime(),
    method: AccessLogField.contextHttpMethod(),
    route: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    ms: AccessLogField.contextResponseLatency(),
    bytes: AccessLogField.contextResponseLength(),
    ip: AccessLogField.contextIdentitySourceIp(),
  }),
);

const reasons = {
  'AwsSolutions-APIG2':
    'Every request is checked against the zod schema of its route by the function, with clearer answers than the gateway gives.',
  'AwsSolutions-APIG4':
    'Tokens are checked by the function: people, agents and runners have different ones, and their epochs are compared with the store.',
  'AwsSolutions-COG4': 'Tokens of Cognito are checked by the function, which also takes those of agents and runners.',
  'AwsSolutions-APIG3':
    'A web application firewall costs at least 6 USD a month; the API has throttling and asks for a token on every route.',
};

export class RestApi extends Construct {
  readonly api: CdkRestApi;
  readonly stageName = restStageName;
  /** Made from the id, not from the stage: functions may hold it without depending on the deployment of the API that calls them. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    const logs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/gastown/${props.deploymentName}/rest-api`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new CdkRestApi(this, 'Api', {
      restApiName: props.deploymentName,
      description: 'Gastown',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: restStageName,
        accessLogDestination: new LogGroupLogDestination(logs),
        accessLogFormat,
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: true,
        throttlingRateLimit: props.rate.perSecond,
        throttlingBurstLimit: props.rate.burst,
      },
    });
    this.url = `https://${this.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${restStageName}`;
    this.problemResponses();
    acknowledge(this.api, {
      ...reasons,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        "API Gateway's own role to write logs, the same for every API of an account and region.",
    });
  }

  /** The gateway's own errors in the form of all others (RFC 9457). An unknown path is "missing authentication token" in its words. */
  private problemResponses(): void {
    const problem = (id: string, type: ResponseType, status: number, title: string, detail: string): void => {
      this.api.addGatewayResponse(id, {
        type,
        statusCode: String(status),
        templates: { 'application/json': JSON.stringify({ type: 'about:blank', title, status, detail }) },
      });
    };
    problem('UnknownPath', ResponseType.MISSING_AUTHENTICATION_TOKEN, 404, 'Not found', 'There is no such route. See /openapi.json.');
    problem('Throttled', ResponseType.THROTTLED, 429, 'Too many requests', 'Try again in a few seconds.');
    problem('TooLarge', ResponseType.REQUEST_TOO_LARGE, 413, 'Too large', 'The request is larger than this API accepts.');
    problem('TimedOut', ResponseType.INTEGRATION_TIMEOUT, 504, 'Timed out', 'The answer took too long; try again.');
  }

  /** Gives each route its group's function. */
  serve(functions: Readonly<Record<RouteGroup, GastownFunction>>): void {
    const integrations = new Map(
      routeGroups.map((group) => [group, new LambdaIntegration(functions[group].lambda, { proxy: true, scopePermissionToMethod: false })]),
    );
    for (const route of Object.values(routes)) {
      const integration = integrations.get(route.group);
      this.api.root.resourceForPath(route.path).addMethod(route.method, integration, { authorizationType: AuthorizationType.NONE });
    }
  }
}
