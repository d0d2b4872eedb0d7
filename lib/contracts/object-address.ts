import { z } from 'zod';

/** The bucket names that AWS allows. */
export const BUCKET_NAME = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';

/** `s3://BUCKET/PREFIX` or `s3://BUCKET/PATH/manifest.csv`: external images, which stay in S3. */
export const S3Address = z
  .string()
  .max(1200)
  .regex(new RegExp(`^s3:\\/\\/${BUCKET_NAME}(?:\\/[ -~\\u00a0-\\uffff]*)?$`), 'expected s3://BUCKET/PREFIX');

/** `s3://BUCKET/KEY`: a single object. */
export const S3Uri = z
  .string()
  .max(1100)
  .regex(new RegExp(`^s3:\\/\\/${BUCKET_NAME}\\/[^\\s].*$`), 'expected s3://BUCKET/KEY');

/** An object, or a prefix of keys, in a bucket. */
export interface S3Location {
  readonly bucket: string;
  /** Empty for the whole bucket. */
  readonly key: string;
}

/** Checks whether a text is an S3 address rather than a path or a key. Does not validate the address. */
export function isS3Address(text: string): boolean {
  return text.startsWith('s3://');
}

/**
 * Splits an address into bucket and key, unchanged.
 * @returns undefined if the text is not an S3 address
 */
export function parseS3Address(text: string): S3Location | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** Formats an address as `s3://BUCKET/KEY`. */
export function formatS3Address({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** The location of an image in a user's bucket, and the version of its content. */
export const ObjectAddress = z.strictObject({
  bucket: z.string().min(1),
  key: z.string().min(1),
  etag: z.string(),
  /** The object version, if the bucket has versioning. */
  version: z.string().optional(),
});
export type ObjectAddress = z.infer<typeof ObjectAddress>;
