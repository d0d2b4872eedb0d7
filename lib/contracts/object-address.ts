import { z } from 'zod';

/** What AWS allows as a bucket's name. */
export const BUCKET_NAME = '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]';

/** `s3://BUCKET/PREFIX`, or `s3://BUCKET/PATH/manifest.csv`: images that stay where they are. */
export const S3Address = z
  .string()
  .max(1200)
  .regex(new RegExp(`^s3:\\/\\/${BUCKET_NAME}(?:\\/[ -~\\u00a0-\\uffff]*)?$`), 'expected s3://BUCKET/PREFIX');

/** `s3://BUCKET/KEY`: one object. */
export const S3Uri = z
  .string()
  .max(1100)
  .regex(new RegExp(`^s3:\\/\\/${BUCKET_NAME}\\/[^\\s].*$`), 'expected s3://BUCKET/KEY');

/** An object, or where the keys of objects begin. */
export interface S3Place {
  readonly bucket: string;
  /** Empty for the whole bucket. */
  readonly key: string;
}

/** Whether a text is meant as an address in S3 and not as a path or a key; it need not be a valid one. */
export function isS3Address(text: string): boolean {
  return text.startsWith('s3://');
}

/** An address as bucket and key, unchanged. @returns undefined for a text that is not an address in S3 */
export function parseS3Address(text: string): S3Place | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** `s3://BUCKET/KEY` */
export function formatS3Address({ bucket, key }: S3Place): string {
  return `s3://${bucket}/${key}`;
}

/** Where the bytes of an image lie in a bucket of the user's own, and which of that key's bytes they are. */
export const ObjectAddress = z.strictObject({
  bucket: z.string().min(1),
  key: z.string().min(1),
  etag: z.string(),
  /** The version of the object, where its bucket keeps versions. */
  version: z.string().optional(),
});
export type ObjectAddress = z.infer<typeof ObjectAddress>;
