import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ConflictError } from '../errors.ts';
import type { ObjectVersion, PutCondition } from '../ports.ts';
import { attemptsOf, isAwsError } from './aws-errors.ts';

/** Larger bodies are uploaded in parts, several at once. A failed part is retried separately. */
const PART_BYTES = 16 * 2 ** 20;
const PARTS_AT_ONCE = 4;
const MOST_PARTS = 10_000;
/** Attempts while another write of the same key is in progress. */
const TRIES_IN_CONFLICT = 5;
const CONFLICT_MS = 50;
/** Metadata that identifies the writer of a version. */
const WRITER = 'graft-writer';

/**
 * Writes an object, optionally under a condition.
 * @throws ConflictError PRECONDITION_FAILED
 */
export async function putObject(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  body: Uint8Array,
  condition: PutCondition | undefined,
): Promise<ObjectVersion> {
  const writer = randomUUID();
  const input = { ...object, Body: body, Metadata: { [WRITER]: writer }, ...conditionOf(condition) };
  for (let tried = 1; ; tried++) {
    try {
      const etag = body.length > PART_BYTES ? await sendInParts(client, input, body.length) : await send(client, input);
      return { key: object.Key, size: body.length, etag };
    } catch (error) {
      if (condition === undefined) throw error;
      // 409: another write is in progress, and its outcome is not decided.
      if (isAwsError(error, 'ConditionalRequestConflict', '409') && tried < TRIES_IN_CONFLICT) {
        await wait(CONFLICT_MS * tried);
        continue;
      }
      if (!isAwsError(error, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey', '409', '412')) throw error;
      const own = attemptsOf(error) > 1 || tried > 1 ? await findOwn(client, object, writer) : undefined;
      if (own !== undefined) return { key: object.Key, size: body.length, etag: own };
      throw preconditionFailed(object.Key, condition, error);
    }
  }
}

async function send(client: S3Client, input: PutObjectCommandInput): Promise<string> {
  const { ETag: etag = '' } = await client.send(new PutObjectCommand(input));
  return etag;
}

async function sendInParts(client: S3Client, input: PutObjectCommandInput, size: number): Promise<string> {
  const partSize = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
  const { ETag: etag = '' } = await new Upload({ client, params: input, partSize, queueSize: PARTS_AT_ONCE }).done();
  return etag;
}

/**
 * Checks whether this writer wrote the current version. If the response to a write is lost, the SDK retries the write,
 * and its condition then fails because of the first success. A role without read permission cannot tell; the version
 * then counts as another writer's.
 * @returns the ETag of the current version if this writer wrote it
 */
async function findOwn(client: S3Client, object: { Bucket: string; Key: string }, writer: string): Promise<string | undefined> {
  const { Metadata: metadata, ETag: etag } = await client.send(new HeadObjectCommand(object)).catch((error) => {
    if (isAwsError(error, 'NoSuchKey', 'NotFound', '403')) return { Metadata: undefined, ETag: undefined };
    throw error;
  });
  return metadata?.[WRITER] === writer ? etag : undefined;
}

function conditionOf(condition: PutCondition | undefined): Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> {
  if (condition === undefined) return {};
  return 'ifAbsent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.ifMatch };
}

function preconditionFailed(key: string, condition: PutCondition, cause: unknown): ConflictError {
  return new ConflictError('PRECONDITION_FAILED', {
    at: key,
    expected: 'ifAbsent' in condition ? 'no object yet' : `the version ${condition.ifMatch}`,
    received: 'another version',
    fix: 'read it again, then retry',
    cause,
  });
}
