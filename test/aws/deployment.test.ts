// The templates of a deployment: what they hold, what they allow, and that they fit the route table, the state machines and the functions.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../functions/adapters/aws-config.ts';
import { tableDefinition } from '../../functions/adapters/dynamodb/table.ts';
import { routes } from '../../functions/contracts/routes.ts';
import { signInPaths } from '../../functions/contracts/site-config.schema.ts';
import { MergeWorkflow, definitionOf, machineNames, substitutionsIn } from '../../infra/aws/constructs/merge-workflow.construct.ts';
import { agentUsers, writablePlaces } from '../../infra/aws/constructs/town-runtime.construct.ts';
import { everyFunction, missingEntries } from '../../infra/aws/functions.ts';
import type { FunctionSpec } from '../../infra/aws/functions.ts';
import { parseOptions } from '../../infra/aws/options.ts';
import { policyFindings } from '../../infra/aws/policy-check.ts';
import { runtimeUsdPerHour } from '../../infra/aws/runtime-price.ts';
import { portsUsed } from './ports-used.ts';
import { synthesise, textOf } from './synthesised.ts';
import type { Resource, Synthesised } from './synthesised.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
let made: Synthesised;
beforeAll(() => {
  made = synthesise({ alarmEmail: 'ops@example.com', monthlyBudgetUsd: 100 });
});
const ofType = (type: string): readonly Resource[] => made.resources.filter((resource) => resource.type === type);
const named = (type: string, property: string, name: string): Resource | undefined =>
  ofType(type).find((resource) => textOf(resource.properties[property]) === name);
const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

describe('the templates', () => {
  it('pass cdk-nag, each accepted finding with its reason', () => {
    expect(made.nagFindings).toEqual([]);
  });
  it('have the alarms that the guides describe and count', () => {
    const [deploy, costs] = ['deploy', 'costs'].map((guide) => readFileSync(`${root}/docs/${guide}.md`, 'utf8'));
    const names = ofType('AWS::CloudWatch::Alarm').map(({ properties }) => textOf(properties['AlarmName']).replace(/^gastown-[a-z]+-/, ''));
    expect(names.filter((name) => deploy?.includes(`\`${name}\``) !== true)).toEqual([]);
    expect(costs).toContain(`| ${names.length} alarms | $${(names.length / 10).toFixed(2)} |`);
  });
  it('would not pass with a planted finding', () => {
    const app = new App();
    new Bucket(new Stack(app, 'planted'), 'Bucket');
    expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toContain('AwsSolutions-S10');
  });
  it('keep the policy rules', () => {
    for (const [stack, template] of made.templates) expect([stack, policyFindings(template)]).toEqual([stack, []]);
  });
  it('let nothing read the table by scan', () => {
    const grants = made.resources.filter((resource) => /dynamodb:(?:\*|Scan|PartiQL)/.test(JSON.stringify(resource.properties)));
    expect(grants.map((resource) => resource.type)).toEqual([]);
    expect(made.resources.some((resource) => JSON.stringify(resource.properties).includes('dynamodb:Query'))).toBe(true);
  });
  it('do so with an existing network, a given image, a permissions boundary and data that may go', () => {
    const other = synthesise({
      account: '111122223333',
      region: 'eu-central-1',
      data: 'destroy',
      permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
      gitHosts: ['github.com'],
      tags: { team: 'platform' },
      network: { kind: 'existing', vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'], publicAddress: 'none' },
      runtime: { imageUri: 'public.ecr.aws/gastown/town:1', capacity: 'FARGATE_SPOT' },
    });
    expect(other.nagFindings).toEqual([]);
    for (const [, template] of other.templates) expect(policyFindings(template)).toEqual([]);
    const roles = other.resources.filter((resource) => resource.type === 'AWS::IAM::Role');
    expect(roles.every((role) => role.properties['PermissionsBoundary'] === 'arn:aws:iam::111122223333:policy/boundary')).toBe(true);
    expect(other.resources.find((resource) => resource.type === 'AWS::DynamoDB::Table')?.properties['DeletionProtectionEnabled']).toBe(
      false,
    );
    expect(other.resources.some((resource) => resource.type === 'AWS::EC2::VPC')).toBe(false);
  });
  it('make the table of the store, protected', () => {
    const [table] = ofType('AWS::DynamoDB::Table');
    expect(table?.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      StreamSpecification: { StreamViewType: tableDefinition.stream },
      TimeToLiveSpecification: { AttributeName: tableDefinition.timeToLiveAttribute, Enabled: true },
    });
    expect(recordOf(table?.properties)['GlobalSecondaryIndexes']).toEqual(
      tableDefinition.indexes.map((index) =>
        expect.objectContaining({
          IndexName: index.name,
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.projected] },
        }),
      ),
    );
  });
  it('run the town without a way in, with the users and places of the image', () => {
    const [task] = ofType('AWS::ECS::TaskDefinition');
    expect(task?.properties).toMatchObject({ RuntimePlatform: { CpuArchitecture: 'ARM64' }, NetworkMode: 'awsvpc' });
    const dockerfile = readFileSync(`${root}/container/Dockerfile`, 'utf8');
    expect(dockerfile).toContain(`VOLUME ${JSON.stringify(Object.values(writablePlaces)).replaceAll(',', ', ')}`);
    expect(dockerfile).toContain(`seq -w 1 ${agentUsers.length}`);
    expect(agentUsers.at(-1)).toBe('gtn-30');
    expect(
      dockerfile.split('\n').filter((line, index, lines) => line.trimStart().startsWith('#') && lines[index - 1]?.endsWith('\\')),
    ).toEqual([]);
  });
});

/** `METHOD /path` → name of the function. */
const served = (): Map<string, string> => {
  const parents = new Map(
    ofType('AWS::ApiGateway::Resource').map((resource) => [
      resource.id,
      { part: textOf(resource.properties['PathPart']), parent: textOf(resource.properties['ParentId']) },
    ]),
  );
  const pathOf = (id: string): string => {
    const found = parents.get(id.replace(/^<|>$/g, ''));
    return found === undefined ? '' : `${pathOf(found.parent)}/${found.part}`;
  };
  const functionNames = new Map(ofType('AWS::Lambda::Function').map((fn) => [fn.id, textOf(fn.properties['FunctionName'])]));
  return new Map(
    ofType('AWS::ApiGateway::Method').map(({ properties }) => {
      const functionId = /<([A-Za-z0-9]+)\.Arn>/.exec(textOf(recordOf(properties['Integration'])['Uri']))?.[1] ?? '';
      return [`${textOf(properties['HttpMethod'])} ${pathOf(textOf(properties['ResourceId']))}`, functionNames.get(functionId) ?? 'none'];
    }),
  );
};

describe('the REST API', () => {
  it('has every route of the table and no other, each at the function of its group', () => {
    expect(Object.fromEntries(served())).toEqual(
      Object.fromEntries(Object.values(routes).map((route) => [`${route.method} ${route.path}`, `gastown-dev-api-${route.group}`])),
    );
  });
});

describe('the state machines', () => {
  it.each(machineNames)('%s gets a function for each name in its definition, and may call exactly those', (machine) => {
    const resource = named('AWS::StepFunctions::StateMachine', 'StateMachineName', `gastown-dev-${machine}`);
    const given = recordOf(resource?.properties['DefinitionSubstitutions']);
    expect(Object.keys(given).toSorted()).toEqual(substitutionsIn(definitionOf(machine)));
    const policies = ofType('AWS::IAM::Policy')
      .filter((policy) => policy.id.includes(`${machine}Role`))
      .map((policy) => JSON.stringify(policy.properties));
    for (const arn of Object.values(given)) expect(policies.join()).toContain(JSON.stringify(arn));
  });
  it('cannot be made when a name has no function', () => {
    const stack = new Stack(new App(), 'test');
    expect(() => new MergeWorkflow(stack, 'Workflow', { deploymentName: 'x', tasks: {}, logRetentionDays: 7 })).toThrow(
      expect.objectContaining({ name: 'SubstitutionMissing' }),
    );
  });
});

describe('what feeds a function', () => {
  const allowedFor = (name: string): string =>
    JSON.stringify(
      ofType('AWS::IAM::Policy')
        .filter((policy) => policy.id.startsWith(`${name}RoleDefaultPolicy`))
        .map((policy) => policy.properties),
    );
  it.each([
    [
      'stream',
      [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
        'sqs:SendMessage',
        'kms:Decrypt',
      ],
    ],
    [
      'reconcile',
      [
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'ecs:RunTask',
        'iam:PassRole',
        'scheduler:CreateSchedule',
        'states:StartExecution',
      ],
    ],
    ['wake', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage']],
  ])('%s may be read by it', (name, actions) => {
    for (const action of actions) expect(allowedFor(name)).toContain(`"${action}"`);
  });
  it('is a queue, a stream or a rule with a place for what fails', () => {
    expect(ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(3);
    for (const rule of ofType('AWS::Events::Rule')) expect(JSON.stringify(rule.properties['Targets'])).toContain('DeadLetterConfig');
    for (const schedule of ofType('AWS::Scheduler::Schedule'))
      expect(JSON.stringify(schedule.properties['Target'])).toContain('DeadLetterConfig');
  });
});

describe('each function', () => {
  const functions: ReadonlyMap<string, FunctionSpec> = new Map(Object.entries(everyFunction(root)));
  /** Pull requests are asked of the hosts that repositories may be on. */
  const portGrants: Readonly<Record<string, string>> = { pullRequests: 'gitHost', hostAccounts: 'gitHost' };
  const portOf: Readonly<Record<string, string>> = { verify: 'tokens', sign: 'tokens' };
  it('has a file', () => {
    expect(missingEntries(root)).toEqual([]);
  });

  it('is given the variables of the ports that it needs, and of no other', () => {
    for (const [name, { needs }] of functions) {
      const variables = recordOf(
        recordOf(named('AWS::Lambda::Function', 'FunctionName', `gastown-dev-${name}`)?.properties['Environment'])['Variables'],
      );
      const environment = Object.fromEntries(
        Object.entries(variables).map(([key, value]) => [
          key,
          textOf(value)
            .replaceAll(/[<>]/g, '')
            .replace(/^(?!https?:|wss:)(.*(?:Url|Queue)[A-Za-z0-9.]*)$/, (text) => (key.endsWith('_URL') ? `https://${text}` : text))
            .replaceAll('AWS::', '')
            .replaceAll(/:(?=[A-Za-z]+\.)/g, '-'),
        ]),
      );
      const expected = new Set(needs.map((need) => portOf[need] ?? need));
      // Who a person is, is remembered in Files.
      if (expected.has('people')) expected.add('files');
      expect([name, Object.keys(loadConfig(environment).ports).toSorted()]).toEqual([name, [...expected].toSorted()]);
    }
  });

  it('knows what an hour of the runtime costs, from the size that was chosen', () => {
    const { properties } = named('AWS::Lambda::Function', 'FunctionName', 'gastown-dev-api-runner') ?? {};
    expect(recordOf(recordOf(properties?.['Environment'])['Variables'])['GASTOWN_RUNTIME_USD_PER_HOUR']).toBe('0.1016');
    const price = (runtime: object, network: object = { kind: 'new' }): number =>
      runtimeUsdPerHour(parseOptions({ runtime: { ephemeralGiB: 21, ...runtime }, network }, 'the test'));
    expect(price({})).toBeCloseTo(0.0984, 3);
    expect(price({ cpu: 4096, memoryMiB: 16_384 })).toBeCloseTo(0.1916, 3);
    expect(price({ capacity: 'FARGATE_SPOT' })).toBeCloseTo(0.033, 3);
    const own = { kind: 'existing', vpcId: 'vpc-1', subnetIds: ['subnet-1'], publicAddress: 'none' };
    expect(price({}, own)).toBeCloseTo(0.0934, 3);
  });

  it('needs the ports that its code reaches, and no other', async () => {
    const used = await portsUsed(root, Object.fromEntries([...functions].map(([name, { entry }]) => [name, entry])));
    const everywhere = new Set(['clock', 'deployment', 'ids', 'log', 'metrics']);
    for (const [name, { needs }] of functions) {
      const reached = new Set(
        [...(used.get(name) ?? [])]
          .filter((port) => !everywhere.has(port))
          .map((port) => (port.startsWith('tokens') ? 'tokens' : (portGrants[port] ?? port))),
      );
      // Search is the table.
      if (reached.delete('search')) reached.add('store');
      for (const route of Object.values(routes).filter((candidate) => `api-${candidate.group}` === name)) {
        if (route.auth === 'user') reached.add('people');
        if (route.auth === 'agent' || route.auth === 'runner') reached.add('tokens');
      }
      expect([name, [...reached].toSorted()]).toEqual([name, [...new Set(needs.map((need) => portOf[need] ?? need))].toSorted()]);
      const signs = [...(used.get(name) ?? [])].some((port) => port === 'tokens.sign' || port === 'tokens');
      expect([name, signs]).toEqual([name, needs.includes('sign')]);
    }
  });
});

describe('the topic of escalations', () => {
  it('is encrypted with the key of the account, refuses plain connections, and has the readers that the options name', () => {
    const other = synthesise({ escalationEmails: ['ada@example.com', 'ops@example.com'] }).resources;
    const topic = other.find((resource) => textOf(resource.properties['TopicName']) === 'gastown-dev-escalations');
    expect(textOf(topic?.properties['KmsMasterKeyId'])).toContain('DataKey');
    const policies = other.filter((resource) => resource.type === 'AWS::SNS::TopicPolicy');
    expect(JSON.stringify(policies.map((policy) => policy.properties))).toContain('aws:SecureTransport');
    const readers = other
      .filter((resource) => resource.type === 'AWS::SNS::Subscription')
      .map(({ properties }) => textOf(properties['Endpoint']));
    expect(new Set(readers)).toEqual(new Set(['ada@example.com', 'ops@example.com']));
  });
  it('may be written to by passes only, and by nothing else of SNS', () => {
    const grants = ofType('AWS::IAM::Policy').filter((policy) => JSON.stringify(policy.properties).includes('sns:'));
    expect(grants).toHaveLength(1);
    expect(JSON.stringify(grants[0]?.properties)).toContain('sns:Publish');
    expect(grants[0]?.id).toMatch(/reconcile/i);
  });
});

describe('the sign-in of the dashboard', () => {
  it('comes back to the pages of the site that exchange the code and ask again, by code and without a secret', () => {
    const [client] = ofType('AWS::Cognito::UserPoolClient');
    const site = `<${ofType('AWS::CloudFront::Distribution')[0]?.id}.DomainName>`;
    const addresses = (property: string): readonly string[] => [client?.properties[property]].flat().map(textOf);
    expect(addresses('CallbackURLs')).toEqual([`https://${site}${signInPaths.signedIn}`]);
    expect(addresses('LogoutURLs')).toEqual([`https://${site}${signInPaths.signedOut}`]);
    expect(client?.properties).toMatchObject({
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      EnableTokenRevocation: true,
      GenerateSecret: false,
    });
  });
  it('and the live API may be reached from the pages, and nothing else besides the site', () => {
    const [headers] = ofType('AWS::CloudFront::ResponseHeadersPolicy');
    const security = recordOf(recordOf(headers?.properties['ResponseHeadersPolicyConfig'])['SecurityHeadersConfig']);
    const policy = textOf(recordOf(security['ContentSecurityPolicy'])['ContentSecurityPolicy']);
    const connect = policy.split('; ').find((part) => part.startsWith('connect-src'));
    expect(connect?.replaceAll(/<gastown-dev-control:[^>]+>/g, '<api>').split(' ')).toEqual([
      'connect-src',
      "'self'",
      'wss://<api>.execute-api.<AWS::Region>.<AWS::URLSuffix>',
      'https://gastown-dev-<AWS::AccountId>.auth.<AWS::Region>.amazoncognito.com',
    ]);
  });
});
