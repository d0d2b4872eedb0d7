import { S3Client } from '@aws-sdk/client-s3';
import { formatS3Address, type S3Location } from '../contracts/object-address.ts';
import { DataError, ForbiddenError, NotFoundError } from '../errors.ts';
import type { SourceBuckets } from '../ports.ts';
import { limitBuckets, readAllowedBuckets } from '../store/source-buckets.ts';
import { isAwsError, withAwsErrors } from './aws-errors.ts';
import { s3Settings } from './clients.ts';
import { listBucket } from './s3-pages.ts';
import { readObject } from './s3-read.ts';

/**
 * Opens the S3 buckets that GRAFT_SOURCE_BUCKETS allows, in any region.
 * @throws UsageError SOURCE_BUCKETS_INVALID
 */
export function openSourceBuckets(environment: NodeJS.ProcessEnv): SourceBuckets & { close(): void } {
  const allowed = readAllowedBuckets(environment.GRAFT_SOURCE_BUCKETS ?? '');
  const client = new S3Client({ ...s3Settings(environment), followRegionRedirects: true });
  return { ...limitBuckets(allowed, s3SourceBuckets(client)), close: () => client.destroy() };
}

function s3SourceBuckets(client: S3Client): Omit<SourceBuckets, 'requireAllowed'> {
  return {
    list: (bucket, prefix, { after = '', limit }) =>
      calling({ bucket, key: prefix }, () => listBucket(client, bucket, { prefix, after, limit })),

    read: ({ bucket, key, version }, most) =>
      calling({ bucket, key }, async () => {
        const object = { Bucket: bucket, Key: key, VersionId: version, Range: `bytes=0-${most - 1}` };
        try {
          const { body, etag, version: read } = await readObject(client, object);
          return { body, etag, ...(isVersion(read) && { version: read }) };
        } catch (error) {
          if (isAwsError(error, 'NoSuchKey', 'NoSuchVersion', 'NotFound')) return undefined;
          // An empty object has no valid range.
          if (isAwsError(error, 'InvalidRange', '416')) return { body: new Uint8Array(), etag: '' };
          throw error;
        }
      }),
  };
}

/** Checks for a version id. Objects written before versioning was enabled have the version `null`. */
function isVersion(version: string | undefined): version is string {
  return version !== undefined && version !== 'null';
}

async function calling<T>(location: S3Location, call: () => Promise<T>): Promise<T> {
  const at = formatS3Address(location);
  return withAwsErrors(at, async () => {
    try {
      return await call();
    } catch (error) {
      const received = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if (isAwsError(error, 'AccessDenied', 'AllAccessDisabled', 'KMS.AccessDeniedException', '403')) {
        throw new ForbiddenError('S3_ACCESS_DENIED', {
          at,
          expected: 'permission to read it',
          received,
          fix: 'allow it in the policy of the bucket and of its KMS key; S3 can say the same of a key that does not exist',
          cause: error,
        });
      }
      if (isAwsError(error, 'NoSuchBucket')) {
        const fix = 'check the name: aws s3 ls';
        throw new NotFoundError('SOURCE_BUCKET_MISSING', { at, expected: 'a bucket', received: 'none', fix, cause: error });
      }
      if (isAwsError(error, 'InvalidObjectState')) {
        const fix = 'restore it: aws s3api restore-object';
        throw new DataError('IMAGE_ARCHIVED', { at, expected: 'a readable object', received, fix, cause: error });
      }
      throw error;
    }
  });
}
