// Rules that every template must keep, as a pure function over the templates' JSON. Stricter than cdk-nag where it matters here.
import { z } from 'zod';

const resourceSchema = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
export const templateSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema).default({}) });
type Properties = Readonly<Record<string, unknown>>;

const listOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const anything = z.unknown().optional();
const statementSchema = z.looseObject({
  Effect: z.string(),
  Action: anything,
  NotAction: anything,
  Resource: anything,
  NotResource: anything,
  Principal: anything,
  Condition: anything,
});
type Statement = z.infer<typeof statementSchema>;
const statementsOf = (document: unknown): readonly Statement[] => {
  if (document === undefined) return [];
  // Throws for a document of another shape: a check that understands nothing must not be green.
  const { Statement } = z.looseObject({ Statement: z.union([z.array(statementSchema), statementSchema]) }).parse(document);
  return Array.isArray(Statement) ? Statement : [Statement];
};

/** Actions that may have `*` as their resource, each with the reason that AWS gives no narrower one. */
export const actionsWithoutResource: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'traces have no resource',
  'xray:PutTelemetryRecords': 'traces have no resource',
  'xray:GetSamplingRules': 'sampling has no resource',
  'xray:GetSamplingTargets': 'sampling has no resource',
  'logs:CreateLogDelivery': 'log deliveries have no resource',
  'logs:GetLogDelivery': 'log deliveries have no resource',
  'logs:UpdateLogDelivery': 'log deliveries have no resource',
  'logs:DeleteLogDelivery': 'log deliveries have no resource',
  'logs:ListLogDeliveries': 'log deliveries have no resource',
  'logs:PutResourcePolicy': 'log deliveries have no resource',
  'logs:DescribeResourcePolicies': 'log deliveries have no resource',
  'logs:DescribeLogGroups': 'listing has no resource',
  'ecs:ListTasks': 'listing the tasks of a cluster has no resource but container instances; a condition names the cluster',
  'ecr:GetAuthorizationToken': 'the login of a registry has no resource',
  'cloudfront:GetInvalidation': "the CDK's own upload function",
  'cloudfront:CreateInvalidation': "the CDK's own upload function",
};
/** Parts of the template that the CDK's library writes and that cannot be narrowed here, by logical id. */
const librarysOwn = /^CustomCDKBucketDeployment/;
/** DynamoDB lists streams without a resource; the event source of the library asks for it. */
const streamActions = new Set(['dynamodb:ListStreams']);

const allowFindings = (id: string, statement: Statement): string[] => {
  if (statement.Effect !== 'Allow') return [];
  const actions = listOf(statement.Action).map(String);
  const findings = actions.filter((action) => action.includes('*')).map((action) => `${id}: the action ${action} is a wildcard`);
  if (statement.NotAction !== undefined || statement.NotResource !== undefined)
    findings.push(`${id}: allows by exclusion (NotAction, NotResource)`);
  const everything = listOf(statement.Resource).includes('*');
  const unlisted = actions.filter((action) => !(action in actionsWithoutResource) && !streamActions.has(action));
  if (everything && unlisted.length > 0) findings.push(`${id}: ${unlisted.join(', ')} on every resource`);
  return findings;
};
const principalFindings = (id: string, statement: Statement): string[] => {
  const open = JSON.stringify(statement.Principal) ?? '';
  return statement.Effect === 'Allow' && statement.Condition === undefined && (open === '"*"' || open === '{"AWS":"*"}')
    ? [`${id}: allows everybody`]
    : [];
};

const isGiven = (properties: Properties, path: readonly string[]): boolean => {
  let value: unknown = properties;
  for (const part of path) value = z.record(z.string(), z.unknown()).safeParse(value).data?.[part];
  return value !== undefined && value !== false;
};
interface Needed {
  readonly path: readonly string[];
  readonly says: string;
}
/** What a resource of a type must say. */
const needed: Readonly<Record<string, readonly Needed[]>> = {
  'AWS::Lambda::Function': [
    { path: ['Timeout'], says: 'has no time limit' },
    { path: ['LoggingConfig', 'LogGroup'], says: 'has no log group with retention' },
  ],
  'AWS::Logs::LogGroup': [{ path: ['RetentionInDays'], says: 'keeps its logs for ever' }],
  'AWS::DynamoDB::Table': [
    { path: ['PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled'], says: 'has no point-in-time recovery' },
    { path: ['SSESpecification', 'KMSMasterKeyId'], says: 'is not encrypted with a key of the account' },
  ],
  'AWS::S3::Bucket': [
    { path: ['PublicAccessBlockConfiguration', 'RestrictPublicBuckets'], says: 'may become public' },
    { path: ['BucketEncryption'], says: 'is not encrypted' },
  ],
  'AWS::StepFunctions::StateMachine': [
    { path: ['LoggingConfiguration', 'Destinations'], says: 'writes no log' },
    { path: ['TracingConfiguration', 'Enabled'], says: 'is not traced' },
  ],
  'AWS::ApiGateway::Stage': [{ path: ['AccessLogSetting'], says: 'writes no access log' }],
  'AWS::ApiGatewayV2::Stage': [{ path: ['AccessLogSettings'], says: 'writes no access log' }],
};

const queueFindings = (id: string, properties: Properties): string[] => {
  const isDeadLetters = /dead/.test(JSON.stringify(properties['QueueName'] ?? ''));
  return !isDeadLetters && properties['RedrivePolicy'] === undefined ? [`${id}: has no dead-letter queue`] : [];
};
const sourceFindings = (id: string, properties: Properties): string[] => {
  const partial = listOf(properties['FunctionResponseTypes']).includes('ReportBatchItemFailures')
    ? []
    : [`${id}: repeats a whole batch for one failure`];
  if (properties['StartingPosition'] === undefined) return partial;
  const bounds = [
    ['MaximumRetryAttempts', 'retries for a day'],
    ['BisectBatchOnFunctionError', 'does not cut a failing batch'],
    ['DestinationConfig', 'forgets what it gave up'],
  ] as const;
  return [
    ...partial,
    ...bounds.filter(([name]) => properties[name] === undefined || properties[name] === -1).map(([, says]) => `${id}: ${says}`),
  ];
};
const taskFindings = (id: string, properties: Properties): string[] =>
  z
    .array(z.looseObject({ Privileged: anything, ReadonlyRootFilesystem: anything, LogConfiguration: anything }))
    .default([])
    .parse(properties['ContainerDefinitions'])
    .flatMap((container) => [
      ...(container.Privileged === true ? [`${id}: a privileged container`] : []),
      ...(container.ReadonlyRootFilesystem === true ? [] : [`${id}: a root file system that can be written`]),
      ...(container.LogConfiguration === undefined ? [`${id}: a container without logs`] : []),
    ]);

const findingsOf = (id: string, type: string, properties: Properties): string[] => {
  const common = (needed[type] ?? []).filter(({ path }) => !isGiven(properties, path)).map(({ says }) => `${id}: ${says}`);
  switch (type) {
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy':
      return statementsOf(properties['PolicyDocument']).flatMap((statement) => allowFindings(id, statement));
    case 'AWS::IAM::Role':
      return [
        ...statementsOf(properties['AssumeRolePolicyDocument']).flatMap((statement) => principalFindings(id, statement)),
        ...z
          .array(z.looseObject({ PolicyDocument: anything }))
          .default([])
          .parse(properties['Policies'])
          .flatMap((policy) => statementsOf(policy.PolicyDocument))
          .flatMap((statement) => allowFindings(id, statement)),
      ];
    case 'AWS::S3::BucketPolicy':
    case 'AWS::SQS::QueuePolicy':
    case 'AWS::SNS::TopicPolicy':
      return statementsOf(properties['PolicyDocument']).flatMap((statement) => principalFindings(id, statement));
    case 'AWS::EC2::SecurityGroup':
      return listOf(properties['SecurityGroupIngress']).length > 0 ? [`${id}: lets connections in`] : [];
    case 'AWS::EC2::SecurityGroupIngress':
      return [`${id}: lets connections in`];
    case 'AWS::SQS::Queue':
      return queueFindings(id, properties);
    case 'AWS::Lambda::EventSourceMapping':
      return sourceFindings(id, properties);
    case 'AWS::ECS::TaskDefinition':
      return taskFindings(id, properties);
    default:
      return common;
  }
};

/** One sentence per breach, with the logical id of the resource; empty when the template keeps the rules. */
export const policyFindings = (template: unknown): readonly string[] =>
  Object.entries(templateSchema.parse(template).Resources)
    .filter(([id]) => !librarysOwn.test(id))
    .flatMap(([id, { Type, Properties }]) => findingsOf(id, Type, Properties));
