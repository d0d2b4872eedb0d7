import type { SourceBuckets } from '../../lib/ports.ts';
import { limitBuckets, readAllowedBuckets } from '../../lib/store/source-buckets.ts';

/**
 * The buckets that GRAFT_SOURCE_BUCKETS allows, for a Graft on one machine: read with this machine's own credentials, or at
 * AWS_ENDPOINT_URL. AWS's SDK is loaded only once one is read.
 * @throws UsageError SOURCE_BUCKETS_INVALID
 */
export function localSourceBuckets(environment: NodeJS.ProcessEnv): SourceBuckets {
  const allowed = readAllowedBuckets(environment.GRAFT_SOURCE_BUCKETS ?? '');
  let opening: Promise<SourceBuckets> | undefined;
  const opened = (): Promise<SourceBuckets> => {
    opening ??= import('../../lib/aws/s3-source-buckets.ts').then(({ openSourceBuckets }) => openSourceBuckets(environment));
    return opening;
  };
  return limitBuckets(allowed, {
    list: async (...asked) => (await opened()).list(...asked),
    read: async (...asked) => (await opened()).read(...asked),
  });
}
