// The ports of a Lambda function, made once per process and each at its first use: a function pays only for the clients that it needs.
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { withRetention } from '../operations/retention.ts';
import type { Ports } from '../ports.ts';
import { createApiGatewayPush } from './apigateway/push.ts';
import { ConfigurationInvalid, loadConfig } from './aws-config.ts';
import type { AwsConfig, GrantedPort } from './aws-config.ts';
import { createCognitoPeople } from './cognito/people.ts';
import { createDynamoStore } from './dynamodb/dynamodb-store.ts';
import { createEcsTownRuntime } from './ecs/town-runtime.ts';
import { createHosts } from './git/hosts.ts';
import { createSmartHttpProbe } from './git/smart-http-probe.ts';
import { createKmsTokenSigner } from './kms/token-signer.ts';
import { createNotifier } from './notify/notifier.ts';
import { createPost } from './notify/post.ts';
import { createS3Files } from './s3/files.ts';
import { createTableSearch } from './search/table-search.ts';
import { createAwsAlarm } from './scheduler/alarm.ts';
import { createSnsMail } from './sns/mail.ts';
import { createSqsReconcileQueue } from './sqs/reconcile-queue.ts';
import { createSsmSecrets } from './ssm/secrets.ts';
import { createSfnWorkflow } from './stepfunctions/workflow.ts';
import { createEmfMetrics, createIds, createLog, systemClock } from './system.ts';

/** The probe of a repository must end well before API Gateway's 29 s. */
const probeTimeoutMs = 12_000;
/** One request of several to a git host; a pass and an API call must end within their own time. */
const hostTimeoutMs = 8_000;
/** A pass tells several channels one after another and must end within its own time. */
const notifyTimeoutMs = 8_000;

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** Ports of a function with this configuration. A port that was not granted throws `ConfigurationInvalid` at its first use. */
export const createAwsPorts = (config: AwsConfig): Ports => {
  const granted = <P extends GrantedPort>(port: P): NonNullable<AwsConfig['ports'][P]> => {
    const variables = config.ports[port];
    if (variables === undefined)
      throw new ConfigurationInvalid(
        `${config.functionName} uses the port "${port}", which it was not granted. Add it to the needs of the function in infra/aws/functions.ts.`,
      );
    return variables;
  };
  const clock = systemClock;
  const ids = createIds(clock);
  const log = createLog(
    (line) => {
      process.stdout.write(line);
    },
    clock,
    config.functionName,
  );
  const metrics = createEmfMetrics(
    (line) => {
      process.stdout.write(line);
    },
    clock,
    config.deploymentName,
  );
  const sqs = once(() => new SQSClient({}));
  const files = once(() => createS3Files({ client: new S3Client({}), bucketName: granted('files').GASTOWN_FILES_BUCKET }));
  const store = once(() =>
    withRetention(createDynamoStore({ client: new DynamoDBClient({}), tableName: granted('store').GASTOWN_TABLE_NAME }), clock),
  );
  const queue = once(() => createSqsReconcileQueue({ client: sqs(), queueUrl: granted('queue').GASTOWN_HINT_QUEUE_URL, ids }));
  const alarm = once(() => {
    const own = granted('alarm');
    return createAwsAlarm({
      sqs: sqs(),
      scheduler: new SchedulerClient({}),
      clock,
      wakeQueueUrl: own.GASTOWN_WAKE_QUEUE_URL,
      wakeQueueArn: own.GASTOWN_WAKE_QUEUE_ARN,
      scheduleGroupName: own.GASTOWN_SCHEDULE_GROUP,
      scheduleRoleArn: own.GASTOWN_SCHEDULE_ROLE_ARN,
    });
  });
  const workflow = once(() => {
    const own = granted('workflow');
    return createSfnWorkflow({
      client: new SFNClient({}),
      machineArns: { merge: own.GASTOWN_MERGE_MACHINE_ARN, train: own.GASTOWN_TRAIN_MACHINE_ARN },
    });
  });
  const runtime = once(() => {
    const own = granted('runtime');
    return createEcsTownRuntime({
      client: new ECSClient({}),
      clusterArn: own.GASTOWN_CLUSTER_ARN,
      taskDefinition: own.GASTOWN_TASK_DEFINITION,
      containerName: own.GASTOWN_CONTAINER_NAME,
      subnetIds: own.GASTOWN_SUBNET_IDS,
      securityGroupIds: own.GASTOWN_SECURITY_GROUP_IDS,
      publicAddress: own.GASTOWN_PUBLIC_ADDRESS,
      capacity: own.GASTOWN_CAPACITY,
      apiUrl: config.apiUrl,
    });
  });
  const push = once(() => {
    granted('push');
    return createApiGatewayPush(new ApiGatewayManagementApiClient({ endpoint: config.wsUrl.replace(/^wss:/, 'https:') }));
  });
  const secrets = once(() => {
    const own = granted('secrets');
    return createSsmSecrets({ client: new SSMClient({}), path: own.GASTOWN_SECRETS_PATH, keyId: own.GASTOWN_SECRETS_KEY_ID });
  });
  const tokens = once(() =>
    createKmsTokenSigner({
      client: new KMSClient({}),
      keyId: granted('tokens').GASTOWN_SIGNING_KEY_ID,
      issuer: config.deploymentName,
      clock,
      ids,
    }),
  );
  const people = once(() => {
    const own = granted('people');
    return createCognitoPeople({
      issuer: own.GASTOWN_SIGN_IN_ISSUER,
      userInfoUrl: own.GASTOWN_USER_INFO_URL,
      noReplyDomain: own.GASTOWN_NO_REPLY_DOMAIN,
      files: files(),
      clock,
      log,
    });
  });
  const allowedHosts = (): readonly string[] | undefined => {
    const hosts = granted('gitHost').GASTOWN_GIT_HOSTS;
    return hosts.includes('*') ? undefined : hosts;
  };
  const gitHost = once(() => {
    const hosts = allowedHosts();
    return {
      probe: createSmartHttpProbe({ timeoutMs: probeTimeoutMs, reach: 'public', ...(hosts === undefined ? {} : { allowedHosts: hosts }) }),
    };
  });
  const hosts = once(() => createHosts({ clock, timeoutMs: hostTimeoutMs, reach: 'public', allowedHosts: allowedHosts() }));
  const search = once(() => createTableSearch(store()));
  const notifier = once(() => {
    const topicArn = granted('notifier').GASTOWN_ESCALATION_TOPIC_ARN;
    return createNotifier({
      post: createPost({ timeoutMs: notifyTimeoutMs, reach: 'public' }),
      publish: createSnsMail({ client: new SNSClient({}), topicArn }),
      clock,
      log,
    });
  });
  return {
    get store() {
      return store();
    },
    get search() {
      return search();
    },
    get queue() {
      return queue();
    },
    get alarm() {
      return alarm();
    },
    get workflow() {
      return workflow();
    },
    get runtime() {
      return runtime();
    },
    get push() {
      return push();
    },
    get files() {
      return files();
    },
    get secrets() {
      return secrets();
    },
    get tokens() {
      return tokens();
    },
    get people() {
      return people();
    },
    get gitHost() {
      return gitHost();
    },
    get pullRequests() {
      return hosts().pullRequests;
    },
    get hostAccounts() {
      return hosts().hostAccounts;
    },
    get notifier() {
      return notifier();
    },
    clock,
    ids,
    log,
    metrics,
    deployment: {
      apiUrl: config.apiUrl,
      wsUrl: config.wsUrl,
      timings: config.timings,
      localRepositories: false,
      defaultModel: 'bedrock',
      runtimeUsdPerHour: config.runtimeUsdPerHour,
    },
  };
};

/** Ports of this process, from its environment. Throws `ConfigurationInvalid` when that is not right. */
export const awsPorts: () => Ports = once(() => createAwsPorts(loadConfig(process.env)));
