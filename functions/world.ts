import { resolve } from 'node:path';
import { openLocalSourceBuckets } from '../lib/local/source-buckets.ts';
import type { Log, SourceBuckets, World } from '../lib/ports.ts';
import { systemClock } from '../lib/store/system-clock.ts';

/** One JSON line an event, on standard error. */
export const jsonLog: Log = (event, values = {}) => {
  process.stderr.write(`${JSON.stringify({ time: systemClock.now().toISOString(), event, ...values })}\n`);
};

/** Lets work go on whose log cannot be written because the disk is full: its results may still find room. */
export function outliveFullLog(): void {
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
  });
}

/** Where the embedded default keeps everything. */
export function dataDirectory(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.GRAFT_DATA_DIR ?? '.graft');
}

/** The buckets of the user's own that a Graft on one machine may read, with this machine's credentials or at AWS_ENDPOINT_URL. */
export function localSourceBuckets(environment: NodeJS.ProcessEnv): SourceBuckets {
  return openLocalSourceBuckets(environment, async () => {
    const { openSourceBuckets } = await import('../lib/aws/s3-source-buckets.ts');
    return openSourceBuckets(environment);
  });
}

/** A world with something to let go of. */
export interface OpenWorld extends World {
  close(): void;
  /** @param act called when the folder that holds everything was deleted, which a deployment's is not */
  onGone(act: () => void): Promise<void>;
}

/**
 * The one place that chooses the adapters of a process that runs in AWS or on one machine: AWS's where GRAFT_DATA_BUCKET names a
 * bucket, else the embedded ones. Neither loads the other.
 */
export async function openWorld(environment: NodeJS.ProcessEnv, log: Log = jsonLog): Promise<OpenWorld> {
  if (environment.GRAFT_DATA_BUCKET) {
    const { openAwsWorld } = await import('../lib/aws/aws-world.ts');
    return { ...openAwsWorld(environment, log), onGone: async () => {} };
  }
  const { openEmbeddedWorld } = await import('../lib/local/embedded-world.ts');
  const { openInputCache } = await import('../lib/local/input-cache.ts');
  const { watchFolder } = await import('../lib/local/watch-folder.ts');
  const { localMachineCache } = await import('./local/machine-cache.ts');
  const directory = dataDirectory(environment);
  const { GRAFT_INPUT_CACHE: inputs } = environment;
  return {
    ...openEmbeddedWorld(directory, log),
    buckets: localSourceBuckets(environment),
    machineCache: localMachineCache(environment),
    ...(inputs && { inputCache: openInputCache(inputs, log) }),
    async onGone(act) {
      await watchFolder(directory, act);
    },
  };
}
