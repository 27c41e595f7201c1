// The policy check turns red on each planted breach.
import { describe, expect, it } from 'vitest';
import { policyFindings } from '../../infra/aws/policy-check.ts';

const policy = (...statements: object[]) => ({ Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: statements } } });
const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({ Effect: 'Allow', Action, Resource, ...more });
const table = {
  BillingMode: 'PAY_PER_REQUEST',
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  SSESpecification: { KMSMasterKeyId: { Ref: 'Key' } },
};
const source = {
  FunctionResponseTypes: ['ReportBatchItemFailures'],
  StartingPosition: 'LATEST',
  MaximumRetryAttempts: 5,
  BisectBatchOnFunctionError: true,
  DestinationConfig: { OnFailure: {} },
};

describe('the policy check', () => {
  it('accepts what is right', () => {
    expect(
      policyFindings({
        Resources: {
          Policy: policy(allow(['dynamodb:GetItem'], { 'Fn::GetAtt': ['Table', 'Arn'] }), allow('xray:PutTraceSegments', '*'), {
            Effect: 'Deny',
            Action: '*',
            Resource: '*',
          }),
          Function: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 28, LoggingConfig: { LogGroup: { Ref: 'Logs' } } } },
          Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
          Table: { Type: 'AWS::DynamoDB::Table', Properties: table },
          Source: { Type: 'AWS::Lambda::EventSourceMapping', Properties: source },
          Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0' }] } },
          Bare: { Type: 'AWS::SNS::Topic' },
        },
      }),
    ).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an action with a wildcard', policy(allow('s3:*', 'arn:x')), 'the action s3:* is a wildcard'],
    ['a listed action with a wildcard', policy(allow('s3:Get*', 'arn:x')), 'the action s3:Get* is a wildcard'],
    ['every resource', policy(allow(['kms:Decrypt'], ['*'])), 'kms:Decrypt on every resource'],
    [
      'an unlisted action beside a listed one',
      policy(allow(['xray:PutTraceSegments', 'ecs:RunTask'], '*')),
      'ecs:RunTask on every resource',
    ],
    ['an exclusion', policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn:x' }), 'allows by exclusion'],
    [
      'an inline policy of a role',
      { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: allow('iam:*', 'arn:x') } }] } },
      'the action iam:* is a wildcard',
    ],
    [
      'a role for everybody',
      {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }] } },
      },
      'allows everybody',
    ],
    [
      'a bucket for everybody',
      {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:x' }] } },
      },
      'allows everybody',
    ],
    [
      'a function without a time limit',
      { Type: 'AWS::Lambda::Function', Properties: { LoggingConfig: { LogGroup: 'x' } } },
      'has no time limit',
    ],
    ['a function without its log group', { Type: 'AWS::Lambda::Function', Properties: { Timeout: 3 } }, 'no log group with retention'],
    ['logs for ever', { Type: 'AWS::Logs::LogGroup', Properties: {} }, 'keeps its logs for ever'],
    [
      'a table without recovery',
      { Type: 'AWS::DynamoDB::Table', Properties: { ...table, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false } } },
      'no point-in-time recovery',
    ],
    ['a bucket that may be public', { Type: 'AWS::S3::Bucket', Properties: { BucketEncryption: {} } }, 'may become public'],
    [
      'a way in',
      { Type: 'AWS::EC2::SecurityGroup', Properties: { SecurityGroupIngress: [{ CidrIp: '10.0.0.0/8' }] } },
      'lets connections in',
    ],
    ['a way in of its own', { Type: 'AWS::EC2::SecurityGroupIngress', Properties: {} }, 'lets connections in'],
    ['a queue without dead letters', { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'hints.fifo' } }, 'has no dead-letter queue'],
    [
      'a stream that retries for ever',
      { Type: 'AWS::Lambda::EventSourceMapping', Properties: { ...source, MaximumRetryAttempts: -1 } },
      'retries for a day',
    ],
    [
      'a stream that forgets',
      { Type: 'AWS::Lambda::EventSourceMapping', Properties: { ...source, DestinationConfig: undefined } },
      'forgets what it gave up',
    ],
    ['a batch repeated as a whole', { Type: 'AWS::Lambda::EventSourceMapping', Properties: {} }, 'repeats a whole batch'],
    [
      'a container that may write everywhere',
      { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions: [{ LogConfiguration: {} }] } },
      'root file system',
    ],
    [
      'a privileged container',
      {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: { ContainerDefinitions: [{ LogConfiguration: {}, ReadonlyRootFilesystem: true, Privileged: true }] },
      },
      'privileged',
    ],
  ])('finds %s', (_name, resource, says) => {
    expect(policyFindings({ Resources: { Planted: resource } })).toEqual([expect.stringContaining(says)]);
  });
});
