/**
 * Limits which buckets Graft reads for its callers to those that the deployment names. Otherwise, a caller could use
 * Graft to read buckets without having access to them.
 */
import { BUCKET_NAME, formatS3Address, type S3Location } from '../contracts/object-address.ts';
import { ForbiddenError, UsageError } from '../errors.ts';
import type { SourceBuckets } from '../ports.ts';

/** A bucket and a prefix in it: empty, or ending with "/". */
export interface AllowedPrefix {
  readonly bucket: string;
  readonly prefix: string;
}

/** A prefix may not contain IAM's wildcard and variable characters. */
const ALLOWED = new RegExp(`^(${BUCKET_NAME})(?:/([^*?$\\\\\\p{Cc}]*))?$`, 'u');

/**
 * Parses a list of allowed buckets.
 * @param text `photos,archive/labelled/`: whole buckets, or prefixes in buckets
 * @throws UsageError SOURCE_BUCKETS_INVALID
 */
export function readAllowedBuckets(text: string): AllowedPrefix[] {
  return text.split(',').flatMap((written) => {
    const name = written.trim();
    if (name === '') return [];
    const [, bucket, prefix = ''] = ALLOWED.exec(name) ?? [];
    if (bucket !== undefined) return [{ bucket, prefix: asFolder(prefix) }];
    throw new UsageError('SOURCE_BUCKETS_INVALID', {
      at: 'GRAFT_SOURCE_BUCKETS',
      expected: 'names of buckets, each with or without a prefix: photos,archive/labelled/',
      received: name,
      fix: 'write names, without s3:// and without wildcards',
    });
  });
}

/** Adds a trailing "/" to a folder if it is missing. Empty for the whole bucket. */
export function asFolder(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}

/** Restricts access to the allowed buckets and prefixes. */
export function limitBuckets(allowed: readonly AllowedPrefix[], buckets: Omit<SourceBuckets, 'requireAllowed'>): SourceBuckets {
  function requireAllowed({ bucket, key }: S3Location): void {
    if (allowed.some((one) => one.bucket === bucket && key.startsWith(one.prefix))) return;
    const names = allowed.map((one) => formatS3Address({ bucket: one.bucket, key: one.prefix }));
    throw new ForbiddenError('BUCKET_NOT_ALLOWED', {
      at: formatS3Address({ bucket, key }),
      expected: names.length === 0 ? 'no address in S3: this Graft may read none' : `an address below ${names.join(', ')}`,
      received: formatS3Address({ bucket, key }),
      fix: `deploy with --set sourceBuckets=${bucket}, or on one machine set GRAFT_SOURCE_BUCKETS=${bucket}`,
    });
  }
  return {
    requireAllowed,
    async list(bucket, prefix, page) {
      requireAllowed({ bucket, key: prefix });
      return buckets.list(bucket, prefix, page);
    },
    async read(object, most) {
      requireAllowed(object);
      return buckets.read(object, most);
    },
  };
}

/** The default for a world without source buckets. */
export const noBuckets: SourceBuckets = limitBuckets([], {
  list: async () => ({ objects: [], more: false }),
  read: async () => undefined,
});
