import { join } from 'node:path';
import { errorJson } from '../../lib/errors.ts';
import { endAttempt } from '../../lib/jobs/end-attempt.ts';
import { maxTrainings } from '../../lib/jobs/max-trainings.ts';
import { type ChildCompute, openChildCompute } from '../../lib/local/child-compute.ts';
import { createPrivateFolder } from '../../lib/local/data-folder.ts';
import { type LocalWorld, openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { type LocalInputCache, openInputCache } from '../../lib/local/input-cache.ts';
import { openMachineProfile } from '../../lib/local/machine-profile.ts';
import type { SpareAttempt } from '../../lib/local/spare-attempt.ts';
import type { IdleOptions } from '../../lib/local/while-idle.ts';
import { moduleFile } from '../../lib/module-file.ts';
import type { Log } from '../../lib/ports.ts';
import { dataDirectory, jsonLog, localSourceBuckets } from '../world.ts';
import { attemptEnvironment } from './attempt-environment.ts';
import { localMachineCache } from './machine-cache.ts';

/** The part of a local system that works on imports and jobs. */
export interface WorkerSystem {
  readonly directory: string;
  readonly world: LocalWorld;
  /** The input cache of the world, of which the worker removes files. Absent in a worker that expects no job. */
  readonly inputCache: LocalInputCache | undefined;
  readonly compute: ChildCompute;
  readonly trainingsAtOnce: number;
  /** Measures the speed of this machine again, as `refresh` of OpenedProfile. */
  refreshProfile(options: IdleOptions): Promise<void>;
}

export interface WorkerSystemOptions {
  /** A process for the first attempt that this process starts. */
  readonly spare?: SpareAttempt | undefined;
  /** The folder of the input cache. Without it, imports keep no inputs. */
  readonly inputFolder?: string | undefined;
}

const trainingEntry = moduleFile('../../functions/train/main', import.meta.url);
const calibrationEntry = moduleFile('./calibrate', import.meta.url);

/** Opens it without the API, whose modules take as long to load as all others. Close its world at the end. */
export function openWorkerSystem(
  environment: NodeJS.ProcessEnv,
  log: Log = jsonLog,
  { spare, inputFolder }: WorkerSystemOptions = {},
): WorkerSystem {
  const directory = dataDirectory(environment);
  createPrivateFolder(directory);
  const profile = openMachineProfile({
    entry: calibrationEntry,
    environment,
    cache: localMachineCache(environment),
    log,
  });
  const inputCache = inputFolder === undefined ? undefined : openInputCache(inputFolder, log);
  const world = {
    ...openEmbeddedWorld(directory, log),
    ...(inputCache && { inputCache }),
    buckets: localSourceBuckets(environment),
    machineProfile: () => profile.find(),
    loopbackWebhooks: environment.GRAFT_WEBHOOK_LOOPBACK === '1',
  };
  // Each takes all cores.
  const trainingsAtOnce = maxTrainings(environment, 1);
  const compute = openChildCompute({
    entry: trainingEntry,
    environment: attemptEnvironment(environment, { directory, inputFolder }),
    logDirectory: join(directory, 'logs'),
    most: trainingsAtOnce,
    spare,
    async onEnd(attempt, how, stopped) {
      await endAttempt(attempt, how, world, { countsAs: stopped ? 'stopped' : 'lost' }).catch((error) =>
        world.log('track.failed', { ...attempt, error: errorJson(error) }),
      );
    },
  });
  return { directory, world, inputCache, compute, trainingsAtOnce, refreshProfile: (idle) => profile.refresh(idle) };
}
