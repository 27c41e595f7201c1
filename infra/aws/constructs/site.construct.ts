// The dashboard: a private bucket behind CloudFront, with the API on the same address, so that the browser needs no cross-origin rules.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import type { BehaviorOptions } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { siteConfigPath } from '../../../functions/contracts/site-config.schema.ts';
import type { SiteConfig } from '../../../functions/contracts/site-config.schema.ts';
import { acknowledge, nameInFindings } from '../acknowledge.ts';
import { pagePolicy } from '../page-policy.ts';

export interface SiteProps {
  readonly deploymentName: string;
  /** Host and stage of the REST API. */
  readonly api: { readonly host: string; readonly stageName: string };
  /** Addresses that the page may connect to besides its own: the WebSocket API and the sign-in pages. */
  readonly connectsTo: readonly string[];
}

/** Path patterns of the API; everything else is a page or a file of the dashboard. */
export const apiPatterns = ['/api/*', '/runner/*', '/mcp', '/health', '/openapi.json'] as const;

/** Pages of the single-page app have no dot in their last part. Distribution-wide error pages would also replace the API's own 404. */
const rewriteCode = `function handler(event) {
  var request = event.request;
  var last = request.uri.substring(request.uri.lastIndexOf('/') + 1);
  if (last.indexOf('.') === -1) request.uri = '/index.html';
  return request;
}`;

const known = (value: string, name: string): string => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);

export class Site extends Construct {
  readonly distribution: Distribution;
  readonly url: string;
  private readonly bucket: IBucket;
  private readonly deploymentName: string;

  constructor(scope: Construct, id: string, props: SiteProps) {
    super(scope, id);
    this.deploymentName = props.deploymentName;
    // The library's own class and interface differ in optional properties only (exactOptionalPropertyTypes).
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: false,
    }) as IBucket;
    acknowledge(this.bucket, {
      'AwsSolutions-S1': 'The bucket holds the published dashboard and nothing private; CloudFront is its only reader.',
    });
    const headers = this.responseHeaders(props);
    const files: BehaviorOptions = {
      origin: S3BucketOrigin.withOriginAccessControl(this.bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: headers,
      compress: true,
      functionAssociations: [
        {
          eventType: FunctionEventType.VIEWER_REQUEST,
          function: new EdgeFunction(this, 'Pages', {
            code: FunctionCode.fromInline(rewriteCode),
            runtime: FunctionRuntime.JS_2_0,
            comment: 'Pages of the dashboard are index.html',
          }),
        },
      ],
    };
    const api: BehaviorOptions = {
      origin: new HttpOrigin(props.api.host, { originPath: `/${props.api.stageName}`, readTimeout: Duration.seconds(30) }),
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      compress: true,
    };
    this.distribution = new Distribution(this, 'Distribution', {
      comment: props.deploymentName,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: files,
      additionalBehaviors: Object.fromEntries(apiPatterns.map((pattern) => [pattern, api])),
    });
    this.url = `https://${this.distribution.distributionDomainName}`;
    acknowledge(this.distribution, {
      'AwsSolutions-CFR1': 'Who may sign in decides who may use it, not the country of the network.',
      'AwsSolutions-CFR2':
        'A web application firewall costs at least 6 USD a month; the pages are public files and the API asks for a token.',
      'AwsSolutions-CFR3': 'The REST API logs every call; requests for public files are not worth a bucket of logs.',
      'AwsSolutions-CFR4': "With CloudFront's own certificate the TLS policy cannot be chosen; current browsers use TLS 1.3.",
    });
  }

  private responseHeaders(props: SiteProps): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: `${props.deploymentName}-${Aws.REGION}-site`,
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          override: true,
          contentSecurityPolicy: pagePolicy(props.connectsTo),
        },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
    });
  }

  /** Uploads the built dashboard, when it has been built, and what it must know about this deployment. */
  publish(options: { readonly webFolder: string; readonly logRetentionDays: number; readonly config: SiteConfig }): void {
    const built = existsSync(join(options.webFolder, 'index.html'));
    const logGroup = new LogGroup(this, 'UploadLogs', {
      logGroupName: `/gastown/${this.deploymentName}/site-upload`,
      retention: options.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new BucketDeployment(this, 'Files', {
      destinationBucket: this.bucket,
      distribution: this.distribution,
      distributionPaths: ['/index.html', siteConfigPath],
      prune: false,
      cacheControl: [CacheControl.noCache()],
      logGroup,
      sources: [...(built ? [Source.asset(options.webFolder)] : []), Source.jsonData(siteConfigPath.slice(1), options.config)],
    });
    this.acknowledgeUpload();
  }

  /** The library's own function copies the files at deployment; it is made in the stack, beside this construct. */
  private acknowledgeUpload(): void {
    const reason =
      "The library's function that copies the dashboard at deployment; it reads the CDK's own asset bucket and writes this bucket.";
    const stack = Stack.of(this);
    const assets = `arn:${known(stack.partition, 'Partition')}:s3:::cdk-hnb659fds-assets-${known(stack.account, 'AccountId')}-${known(stack.region, 'Region')}`;
    for (const child of stack.node.children.filter(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'))) {
      acknowledge(child, {
        'AwsSolutions-L1': 'The library chooses the runtime of its own function.',
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]': reason,
        'AwsSolutions-IAM5[Resource::*]':
          'CloudFront invalidations of the library have no resource; the function does nothing else with it.',
        [`AwsSolutions-IAM5[Resource::${assets}/*]`]: reason,
        [`AwsSolutions-IAM5[Resource::<${nameInFindings(this.bucket)}.Arn>/*]`]: reason,
        ...Object.fromEntries(
          ['GetObject', 'GetBucket', 'List', 'DeleteObject', 'Abort'].map((action) => [`AwsSolutions-IAM5[Action::s3:${action}*]`, reason]),
        ),
      });
    }
  }
}
