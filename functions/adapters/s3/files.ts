// Files in one private S3 bucket; encrypted by the bucket's own key.
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Files } from '../../ports.ts';

/** Some objects of a prefix could not be deleted. Retryable; what is left is named. */
export class FilesNotRemoved extends Error {
  override readonly name = 'FilesNotRemoved';
}

export const createS3Files = ({ client, bucketName }: { readonly client: S3Client; readonly bucketName: string }): Files => ({
  put: async (path, body) => {
    await client.send(new PutObjectCommand({ Bucket: bucketName, Key: path, Body: body, ContentLength: body.byteLength }));
  },
  get: async (path) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key: path }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
  list: async (prefix, after) => {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: bucketName, Prefix: prefix, ...(after === undefined ? {} : { StartAfter: after }) }),
    );
    return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  },
  removePrefix: async (prefix) => {
    // An empty prefix would empty the bucket: every town's files.
    if (prefix === '') throw new FilesNotRemoved('a prefix is needed');
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucketName, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) }),
      );
      const objects = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
      if (objects.length > 0) {
        const { Errors: errors = [] } = await client.send(
          new DeleteObjectsCommand({ Bucket: bucketName, Delete: { Objects: objects, Quiet: true } }),
        );
        if (errors.length > 0)
          throw new FilesNotRemoved(
            errors
              .map(({ Key, Code }) => `${Key ?? '?'}: ${Code ?? '?'}`)
              .slice(0, 10)
              .join('; '),
          );
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  },
});
