import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { NotFoundError, SpecError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { checkKey } from '../store/object-key.ts';
import { requireBefore } from '../store/require-before.ts';
import { isAwsError, withAwsErrors } from './aws-errors.ts';
import { type Buckets, bucketOf, bucketsOf } from './bucket-of.ts';
import { headOf, listBuckets } from './s3-pages.ts';
import { putObject } from './s3-put.ts';
import { readObject } from './s3-read.ts';

export interface S3StoreOptions {
  readonly client: S3Client;
  readonly buckets: Buckets;
}

/**
 * Opens an ObjectStore in two S3 buckets. Uses S3's conditional writes, so any number of processes may write at once.
 */
export function openS3Store({ client, buckets }: S3StoreOptions): ObjectStore {
  /** Runs a call for one object. */
  function about<T>(key: string, call: (object: { Bucket: string; Key: string }) => Promise<T>): Promise<T> {
    return withAwsErrors(key, () => {
      checkKey(key);
      return call({ Bucket: bucketOf(key, buckets), Key: key });
    });
  }

  return {
    get: (key) =>
      about(key, async (object) => {
        const found = await unlessMissing(readObject(client, object));
        return found && { body: found.body, etag: found.etag };
      }),

    getRange: (key, start, end) =>
      about(key, async (object) => {
        if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end))
          throw notInRange(key, start, end);
        try {
          return (await readObject(client, { ...object, Range: `bytes=${start}-${end - 1}` })).body;
        } catch (error) {
          if (isAwsError(error, 'InvalidRange', '416')) throw notInRange(key, start, end);
          if (isAwsError(error, 'NoSuchKey')) throw notFound(key);
          throw error;
        }
      }),

    head: (key) =>
      about(key, async (object) => {
        const found = await unlessMissing(client.send(new HeadObjectCommand(object)));
        return found && headOf({ Key: key, Size: found.ContentLength, ETag: found.ETag, LastModified: found.LastModified });
      }),

    put: (key, body, condition) => about(key, (object) => putObject(client, object, body, condition)),

    copy: (from, to) =>
      about(from, async ({ Bucket: source }) => {
        checkKey(to);
        const path = `${source}/${encodeURIComponent(from).replaceAll('%2F', '/')}`;
        const target = { Bucket: bucketOf(to, buckets), Key: to };
        const copied = await unlessMissing(client.send(new CopyObjectCommand({ ...target, CopySource: path })));
        if (copied === undefined) throw notFound(from);
      }),

    delete: (key, { before } = {}) =>
      about(key, async (object) => {
        const command = new DeleteObjectCommand(object);
        if (before === undefined) return void (await client.send(command));
        requireBefore(key, before, new Date());
        // The SDK retries a request whose response was lost, so check before each attempt.
        command.middlewareStack.add(
          (next) => (request) => {
            requireBefore(key, before, new Date());
            return next(request);
          },
          { step: 'finalizeRequest', priority: 'low', name: 'requireBefore' },
        );
        await client.send(command, {
          abortSignal: AbortSignal.timeout(Math.min(before.getTime() - Date.now(), LONGEST_TIMER_MS)),
        });
      }),

    list: (prefix, { after = '', limit = 1000 } = {}) =>
      withAwsErrors(prefix, () => listBuckets(client, bucketsOf(prefix, buckets), { prefix, after, limit })),

    signUpload: (key, { size, sha256, expiresInSeconds }) =>
      about(key, async (object) => {
        const checksum = Buffer.from(sha256, 'hex').toString('base64');
        const command = new PutObjectCommand({ ...object, ContentLength: size, ChecksumSHA256: checksum });
        const url = await getSignedUrl(client, command, {
          expiresIn: Math.floor(expiresInSeconds),
          // Sign them as headers, so that S3 enforces them for the body. In the URL they would have no effect.
          signableHeaders: new Set(['host', 'content-length']),
          unhoistableHeaders: new Set([CHECKSUM_HEADER]),
        });
        return { method: 'PUT', url, headers: { 'content-length': `${size}`, [CHECKSUM_HEADER]: checksum } };
      }),

    signDownload: (key, { expiresInSeconds }) =>
      about(key, async (object) => {
        const url = await getSignedUrl(client, new GetObjectCommand(object), { expiresIn: Math.floor(expiresInSeconds) });
        return { method: 'GET', url, headers: {} };
      }),
  };
}

/** The maximum delay of a timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const CHECKSUM_HEADER = 'x-amz-checksum-sha256';

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAwsError(error, 'NoSuchKey', 'NotFound')) return undefined;
    throw error;
  }
}

function notFound(key: string): NotFoundError {
  return new NotFoundError('OBJECT_NOT_FOUND', { at: key, fix: 'list the keys of the store' });
}

function notInRange(key: string, start: number, end: number): SpecError {
  return new SpecError('RANGE_NOT_SATISFIABLE', {
    at: key,
    expected: 'a range that starts within the object',
    received: [start, end],
  });
}
