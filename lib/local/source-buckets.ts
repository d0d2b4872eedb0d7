import type { SourceBuckets } from '../ports.ts';
import { limitBuckets, readAllowedBuckets } from '../store/source-buckets.ts';

/**
 * The buckets that GRAFT_SOURCE_BUCKETS allows, opened when the first is read: a Graft on one machine loads no SDK before that.
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
