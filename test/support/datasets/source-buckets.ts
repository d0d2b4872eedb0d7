import { ForbiddenError } from '../../../lib/errors.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore, SourceBuckets } from '../../../lib/ports.ts';
import { limitBuckets } from '../../../lib/store/source-buckets.ts';
import { temporaryFolder } from '../folder.ts';
import { manualClock } from '../manual-clock.ts';

/** A bucket of a user's own, and the way in which a Graft reads it. */
export interface BucketUnderTest {
  readonly bucket: string;
  readonly buckets: SourceBuckets;
  put(key: string, body: Uint8Array): Promise<unknown>;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
}

/** A bucket whose objects an embedded store holds; the keys that `denied` names may not be read. */
export function embeddedBucket(
  bucket: string,
  denied: ReadonlySet<string> = new Set(),
): BucketUnderTest & { store: ObjectStore } {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  const buckets = limitBuckets([{ bucket, prefix: '' }], {
    list: (_, prefix, page) => store.list(prefix, page),
    async read({ key }, most) {
      if (denied.has(key))
        throw new ForbiddenError('S3_ACCESS_DENIED', { at: `s3://${bucket}/${key}`, expected: 'permission to read it' });
      const object = await store.get(key);
      return object && { ...object, body: object.body.subarray(0, most) };
    },
  });
  return {
    bucket,
    buckets,
    store,
    put: (key, body) => store.put(key, body),
    remove: (key) => store.delete(key),
    keys: async () => (await store.list('')).objects.map(({ key }) => key),
  };
}
