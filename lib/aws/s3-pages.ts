import { type _Object, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectHead, ObjectPage } from '../ports.ts';

/** S3's maximum page size. */
const PAGE = 1000;

export interface PageOptions {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
}

/** Lists a page of objects from several buckets, merged in key order. */
export async function listBuckets(client: S3Client, buckets: readonly string[], options: PageOptions): Promise<ObjectPage> {
  const pages = await Promise.all(buckets.map((bucket) => listBucket(client, bucket, options)));
  const [only] = pages;
  if (only !== undefined && pages.length === 1) return only;
  const objects = pages.flatMap((page) => page.objects).sort((a, b) => byUtf8(a.key, b.key));
  const limit = Math.min(options.limit, PAGE);
  return { objects: objects.slice(0, limit), more: objects.length > limit || pages.some(({ more }) => more) };
}

export async function listBucket(client: S3Client, bucket: string, { prefix, after, limit }: PageOptions): Promise<ObjectPage> {
  const { Contents: found = [], IsTruncated: more = false } = await client.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: Math.min(limit, PAGE),
      // Keys may contain characters that XML cannot represent.
      EncodingType: 'url',
      ...(after !== '' && { StartAfter: after }),
    }),
  );
  return { objects: found.map(listedHead), more };
}

function listedHead({ Key: key = '', ...object }: _Object): ObjectHead {
  return headOf({ ...object, Key: decodeURIComponent(key.replaceAll('+', ' ')) });
}

/** Describes a listed object. Without a modification time, it counts as new, so that it does not expire. */
export function headOf({ Key: key = '', Size: size = 0, ETag: etag = '', LastModified: modifiedAt }: S3Head): ObjectHead {
  return { key, size, etag, modifiedAt: modifiedAt ?? new Date() };
}

interface S3Head {
  readonly Key: string;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

/** Compares keys in S3's order, which differs from the order of JavaScript strings. */
function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
