import { Readable } from 'node:stream';
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { answer, offline, record, shapesOnly } from '../../../test/aws/recording-client.ts';
import type { Stub } from '../../../test/aws/recording-client.ts';
import { createS3Files } from './files.ts';

const make = (...stubs: Stub[]) => {
  const client = new S3Client(offline);
  return { calls: record(client, stubs), files: createS3Files({ client, bucketName: 'gastown-files' }) };
};
const bodyOf = (bytes: Uint8Array): NonNullable<GetObjectCommandOutput['Body']> =>
  Object.assign(Readable.from([bytes]), {
    transformToByteArray: async () => bytes,
    transformToString: async () => Buffer.from(bytes).toString('utf8'),
    transformToWebStream: () => new ReadableStream(),
  });

describe(`files on S3 ${shapesOnly}`, () => {
  it('stores and reads bytes', async () => {
    const bytes = Buffer.from('transcript');
    const { calls, files } = make(
      answer(PutObjectCommand, () => ({})),
      answer(GetObjectCommand, () => ({ Body: bodyOf(bytes) })),
    );
    await files.put('towns/t-4f9k2m1q/a.json', bytes);
    expect(calls.inputsOf(PutObjectCommand)[0]).toMatchObject({
      Bucket: 'gastown-files',
      Key: 'towns/t-4f9k2m1q/a.json',
      ContentLength: 10,
    });
    expect(await files.get('towns/t-4f9k2m1q/a.json')).toEqual(bytes);
  });
  it('answers undefined for what is not there', async () => {
    const { files } = make(
      answer(GetObjectCommand, () => {
        throw new NoSuchKey({ message: 'no', $metadata: {} });
      }),
    );
    expect(await files.get('towns/t-4f9k2m1q/none')).toBeUndefined();
  });
  it('removes a prefix page by page', async () => {
    const { calls, files } = make(
      answer(ListObjectsV2Command, (input) =>
        input.ContinuationToken === undefined
          ? { Contents: [{ Key: 'p/1' }, { Key: 'p/2' }], NextContinuationToken: 'more', IsTruncated: true }
          : { Contents: [{ Key: 'p/3' }] },
      ),
      answer(DeleteObjectsCommand, () => ({ Deleted: [] })),
    );
    await files.removePrefix('p/');
    expect(calls.inputsOf(DeleteObjectsCommand).map((input) => input.Delete?.Objects?.map((object) => object.Key))).toEqual([
      ['p/1', 'p/2'],
      ['p/3'],
    ]);
  });
  it('says what could not be removed, and refuses to empty the bucket', async () => {
    const { files } = make(
      answer(ListObjectsV2Command, () => ({ Contents: [{ Key: 'p/1' }] })),
      answer(DeleteObjectsCommand, () => ({ Errors: [{ Key: 'p/1', Code: 'AccessDenied' }] })),
    );
    await expect(files.removePrefix('p/')).rejects.toMatchObject({ name: 'FilesNotRemoved', message: 'p/1: AccessDenied' });
    await expect(files.removePrefix('')).rejects.toMatchObject({ name: 'FilesNotRemoved' });
  });
});
