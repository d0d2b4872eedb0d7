/** Files to download, and the pages of their lists. */
import { z } from 'zod';
import { Time } from './names.ts';
import { queryIntegerOr } from './query-number.ts';

/** The value of `after` for the next page. Absent on the last page. */
export const next = z.string().optional();

/** A file to download, with a signed request that is valid until it expires. */
export const FileLink = z.strictObject({
  name: z.string(),
  /** Bytes. */
  size: z.int().min(0),
  request: z.strictObject({ method: z.literal('GET'), url: z.string(), headers: z.record(z.string(), z.string()) }),
  expiresAt: Time,
});
export type FileLink = z.infer<typeof FileLink>;
export const FileList = z.strictObject({ files: z.array(FileLink), next });
export type FileList = z.infer<typeof FileList>;

/** Pagination of a list of files, which allows larger pages. */
export const FilePageQuery = z.strictObject({
  after: z.string().optional(),
  limit: queryIntegerOr(z.int().min(1).max(1000), 1000),
});
