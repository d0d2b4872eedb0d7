import type { SourceBuckets } from '../ports.ts';
import { limitBuckets, readAllowedBuckets } from '../store/source-buckets.ts';

/**
 * Opens the buckets that GRAFT_SOURCE_BUCKETS allows, at the first read, so that local use does not load the AWS SDK.
 * @throws UsageError SOURCE_BUCKETS_INVALID
 */
export function openLocalSourceBuckets(environment: NodeJS.ProcessEnv, open: () => Promise<SourceBuckets>): SourceBuckets {
  const allowed = readAllowedBuckets(environment.GRAFT_SOURCE_BUCKETS ?? '');
  let opening: Promise<SourceBuckets> | undefined;
  const opened = (): Promise<SourceBuckets> => {
    opening ??= open();
    return opening;
  };
  return limitBuckets(allowed, {
    list: async (...asked) => (await opened()).list(...asked),
    read: async (...asked) => (await opened()).read(...asked),
  });
}
