import { z } from 'zod';
import { queryNumber } from './query-number.ts';

/** The name of a data set or a model. It becomes part of keys and URLs. */
export const Name = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/,
    'expected 1 to 64 lower-case letters, digits, ".", "_" or "-", beginning and ending with a letter or digit',
  );

/** `sha256-` and 64 hexadecimal digits. */
export const Digest = z.string().regex(/^sha256-[0-9a-f]{64}$/, 'expected sha256- and 64 hexadecimal digits');

/** A name that points to a model version. Graft moves `latest` automatically. */
export const Alias = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected 1 to 32 lower-case letters, digits or "-", beginning with a letter');

/** A version number in a path. */
export const VersionNumber = queryNumber(z.int().min(1).max(1_000_000_000));

/** A character of a part of a key: not a slash, backslash or control character. The first one is not a dot either. */
const OTHER = String.raw`[^/\\\u0000-\u001f\u007f-\u009f]`;
const FIRST = String.raw`[^/.\\\u0000-\u001f\u007f-\u009f]`;

/** A prefix of the store's keys below which images are stored. */
export const StorePrefix = z
  .string()
  .max(900)
  // No part may be "." or "..", or contain backslashes or control characters.
  .regex(
    new RegExp(String.raw`^(?:inputs|blobs)(?:\/(?:${FIRST}${OTHER}*|\.${FIRST}${OTHER}*|\.\.${OTHER}+)?)+$`),
    'expected a prefix that begins with inputs/ or blobs/, without "." or ".." between the slashes, and without control ' +
      'characters',
  );

/** A job's id: the inverted time, so that listings start with the newest job, and 10 random characters. */
export const JobId = z.string().regex(/^job-[0-9a-z]{9}-[0-9a-z]{10}$/, 'expected a job id such as job-zzk2m4q1x-8w3f0c9d1a');
export const UploadId = z.string().regex(/^upload-[0-9a-z]{9}-[0-9a-z]{10}$/, 'expected an upload id');

/** ISO 8601 in UTC. */
export const Time = z.iso.datetime();
