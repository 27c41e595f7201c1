import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ECSClient, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, describe, expect, it } from 'vitest';
import { readArguments } from '../../infra/aws/cdk-command.ts';
import { parseOptions, readOptions } from '../../infra/aws/options.ts';
import { bootstrapMiss, imageMiss } from '../../infra/aws/preflight.ts';
import { emptyBucket, remains, stacksToDestroy, stopTowns } from '../../infra/aws/teardown.ts';
import { answer, offline, record, shapesOnly } from './recording-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'options-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const options = parseOptions({}, 'the test');

describe('the options file', () => {
  it('may be absent', () => {
    expect(readOptions(join(folder, 'none.json'))).toMatchObject({ prefix: 'gastown', stage: 'dev', data: 'retain' });
  });
  it.each([
    ['not JSON', '{', 'is not JSON'],
    ['an unknown field', '{"colour":"red"}', 'colour'],
    ['a name that Cognito refuses', '{"prefix":"my-aws-town"}', 'may not contain aws'],
    ['several mistakes at once', '{"stage":"Dev","logRetentionDays":5}', 'logRetentionDays'],
    ['a budget that nobody reads', '{"monthlyBudgetUsd":50}', 'needs alarmEmail'],
  ])('is refused with a sentence when it holds %s', (name, text, says) => {
    const path = join(folder, `${name.replaceAll(' ', '-')}.json`);
    writeFileSync(path, text);
    expect(() => readOptions(path)).toThrow(expect.objectContaining({ name: 'OptionsInvalid', message: expect.stringContaining(says) }));
  });
  it('is named on the command line, and the rest goes to the cdk command', () => {
    expect(readArguments(['--check', '--options', 'prod.json', '--require-approval', 'never'], ['--check'])).toEqual({
      options: 'prod.json',
      flags: new Set(['--check']),
      rest: ['--require-approval', 'never'],
    });
    expect(readArguments([], []).options).toMatch(/gastown\.deploy\.json$/);
  });
});

const ask = (reply: () => { Parameter: { Value: string } }) => {
  const client = new SSMClient(offline);
  record(client, [answer(GetParameterCommand, reply)]);
  return bootstrapMiss(client);
};

describe(`the preflight ${shapesOnly}`, () => {
  it('is content with a new bootstrap', async () => {
    expect(await ask(() => ({ Parameter: { Value: '30' } }))).toBeUndefined();
  });
  it('names what is missing and how to get it', async () => {
    expect(await ask(() => ({ Parameter: { Value: '6' } }))).toMatchObject({ what: expect.stringContaining('too old') });
    expect(
      await ask(() => {
        throw new ParameterNotFound({ message: 'no', $metadata: {} });
      }),
    ).toMatchObject({ fix: expect.stringContaining('cdk bootstrap') });
    expect(
      await ask(() => {
        throw new Error('Could not load credentials from any providers');
      }),
    ).toMatchObject({ fix: expect.stringContaining('Sign in') });
    expect(
      await ask(() => {
        throw new Error('Region is missing');
      }),
    ).toMatchObject({ fix: expect.stringContaining('AWS_REGION') });
  });
  it('wants Docker only when the image must be built', () => {
    expect(imageMiss(options, () => false)).toMatchObject({ fix: expect.stringContaining('runtime.imageUri') });
    expect(imageMiss(options, () => true)).toBeUndefined();
    expect(imageMiss(parseOptions({ runtime: { imageUri: 'public.ecr.aws/gastown/town:1' } }, 'the test'), () => false)).toBeUndefined();
  });
});

describe(`the teardown ${shapesOnly}`, () => {
  it('stops every town, page by page', async () => {
    const client = new ECSClient(offline);
    const calls = record(client, [
      answer(ListTasksCommand, (input) =>
        input.nextToken === undefined ? { taskArns: ['a', 'b'], nextToken: 'more' } : { taskArns: ['c'] },
      ),
      answer(StopTaskCommand, () => ({})),
    ]);
    expect(await stopTowns(client, 'gastown-dev')).toBe(3);
    expect(calls.inputsOf(StopTaskCommand).map((input) => input.task)).toEqual(['a', 'b', 'c']);
  });
  it('empties the bucket and says when it could not', async () => {
    const client = new S3Client(offline);
    let left = 2;
    record(client, [
      answer(ListObjectsV2Command, () => ({ Contents: left > 0 ? [{ Key: `k${left}` }] : [] })),
      answer(DeleteObjectsCommand, () => {
        left -= 1;
        return {};
      }),
    ]);
    expect(await emptyBucket(client, 'files')).toBe(2);
    const stuck = new S3Client(offline);
    record(stuck, [
      answer(ListObjectsV2Command, () => ({ Contents: [{ Key: 'k' }] })),
      answer(DeleteObjectsCommand, () => ({ Errors: [{ Key: 'k', Code: 'AccessDenied' }] })),
    ]);
    await expect(emptyBucket(stuck, 'files')).rejects.toThrow('AccessDenied');
  });
  it('leaves the data unless it may go, and says what stays', () => {
    expect(stacksToDestroy(options)).not.toContain('gastown-dev-data');
    expect(remains(options).join('\n')).toContain('The stack gastown-dev-data stays');
    const trial = parseOptions({ data: 'destroy' }, 'the test');
    expect(stacksToDestroy(trial).at(-1)).toBe('gastown-dev-data');
    expect(remains(trial).join('\n')).not.toContain('stays: table');
  });
});
