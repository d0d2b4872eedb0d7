import { openOnce } from '../open-once.ts';
import type { SourceBuckets } from '../ports.ts';
import { limitBuckets, readAllowedBuckets } from '../store/source-buckets.ts';

/**
 * Opens the buckets that GRAFT_SOURCE_BUCKETS allows, at the first read, so that local use does not load the AWS SDK. If
 * that fails, the next read tries it again.
 * @throws UsageError SOURCE_BUCKETS_INVALID
 */
export function openLocalSourceBuckets(environment: NodeJS.ProcessEnv, open: () => Promise<SourceBuckets>): SourceBuckets {
  const allowed = readAllowedBuckets(environment.GRAFT_SOURCE_BUCKETS ?? '');
  const buckets = openOnce(open);
  return limitBuckets(allowed, {
    list: async (...asked) => (await buckets.get()).list(...asked),
    read: async (...asked) => (await buckets.get()).read(...asked),
  });
}
