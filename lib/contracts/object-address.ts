import { z } from 'zod';

/** `s3://BUCKET/PREFIX`, or `s3://BUCKET/PATH/manifest.csv`: images that stay where they are. */
export const S3Address = z
  .string()
  .max(1200)
  .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[ -~\u00a0-\uffff]*)?$/, 'expected s3://BUCKET/PREFIX');

/** Where the bytes of an image lie in a bucket of the user's own, and which of that key's bytes they are. */
export const ObjectAddress = z.strictObject({
  bucket: z.string().min(1),
  key: z.string().min(1),
  etag: z.string(),
  /** The version of the object, where its bucket keeps versions. */
  version: z.string().optional(),
});
export type ObjectAddress = z.infer<typeof ObjectAddress>;
