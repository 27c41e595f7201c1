// Live updates: the WebSocket API with one function for its three routes. A connection is opened by a one-time ticket in the query.
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { CfnStage, WebSocketApi as CdkWebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge, nameInFindings } from '../acknowledge.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

const stageName = 'v1';
const routeKeys = { connect: '$connect', disconnect: '$disconnect', message: '$default' } as const;

export interface WebSocketApiProps {
  readonly deploymentName: string;
  readonly logRetentionDays: number;
  readonly rate: { readonly perSecond: number; readonly burst: number };
}

export class WebSocketApi extends Construct {
  readonly api: CdkWebSocketApi;
  /** `wss://…/v1`; made from the id, so that functions may hold it. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: WebSocketApiProps) {
    super(scope, id);
    this.api = new CdkWebSocketApi(this, 'Api', {
      apiName: `${props.deploymentName}-live`,
      description: 'Gastown live updates',
      routeSelectionExpression: '$request.body.action',
    });
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.api,
      stageName,
      autoDeploy: true,
      throttle: { rateLimit: props.rate.perSecond, burstLimit: props.rate.burst },
    });
    const logs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/gastown/${props.deploymentName}/websocket-api`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const settings = stage.node.defaultChild;
    // The construct has no property for access logs. The query of $connect holds the ticket, so the request line is not logged.
    if (settings instanceof CfnStage) {
      settings.accessLogSettings = {
        destinationArn: logs.logGroupArn,
        format: JSON.stringify({
          requestId: '$context.requestId',
          at: '$context.requestTime',
          event: '$context.eventType',
          route: '$context.routeKey',
          connectionId: '$context.connectionId',
          status: '$context.status',
          ip: '$context.identity.sourceIp',
        }),
      };
    }
    this.url = `wss://${this.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${stageName}`;
    acknowledge(this.api, {
      'AwsSolutions-APIG4':
        'The connect route takes a one-time ticket of 30 s that a signed-in person or runner asked for; the function checks and uses it up.',
    });
  }

  serve(fn: GastownFunction): void {
    for (const [id, routeKey] of Object.entries(routeKeys))
      this.api.addRoute(routeKey, { integration: new WebSocketLambdaIntegration(id, fn.lambda) });
  }

  /** Sends frames to connections of this API's stage. */
  grantPush(fn: GastownFunction): void {
    fn.allow(
      ['execute-api:ManageConnections'],
      [`arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${this.api.apiId}/${stageName}/POST/@connections/*`],
    );
    fn.set({ GASTOWN_PUSH: 'allowed' });
    fn.acceptWildcards({
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${nameInFindings(this.api)}>/${stageName}/POST/@connections/*]`]:
        'Connections are made at run time; only those of this API, and only to send.',
    });
  }
}
