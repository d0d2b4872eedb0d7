import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorJson } from '../../lib/errors.ts';
import { attemptEnded } from '../../lib/jobs/end-attempt.ts';
import { maxTrainings } from '../../lib/jobs/max-trainings.ts';
import { openVersionView } from '../../lib/labelling/open-version-view.ts';
import { type ChildCompute, openChildCompute } from '../../lib/local/child-compute.ts';
import { storeDirectory } from '../../lib/local/data-folder.ts';
import { type LocalWorld, openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { objectFile } from '../../lib/local/file-store.ts';
import { type LocalInputCache, newInputFolder, openInputCache } from '../../lib/local/input-cache.ts';
import { openMachineProfile } from '../../lib/local/machine-profile.ts';
import type { SpareAttempt } from '../../lib/local/spare-attempt.ts';
import type { Log } from '../../lib/ports.ts';
import { type LocalApi, localApi } from '../api/dispatch-request.ts';
import { routes } from '../api/routes.ts';
import { dataDirectory, jsonLog, localSourceBuckets } from '../world.ts';
import { findRoutes } from './find-routes.ts';
import { getConsole, getConsoleFile } from './get-console.ts';
import { getDownload } from './get-download.ts';
import { openLabellingService } from './labelling-service.ts';
import { openLocalPredictor } from './local-predictor.ts';
import { localMachineCache } from './machine-cache.ts';
import { moduleFile } from './module-file.ts';
import { putUpload } from './put-upload.ts';

/** All of Graft on one machine: the same functions as in AWS, on a folder of files, SQLite and child processes. */
export interface LocalSystem {
  readonly directory: string;
  readonly world: LocalWorld;
  /** The input cache of the world, of which the worker removes files. */
  readonly inputCache: LocalInputCache;
  readonly compute: ChildCompute;
  readonly api: LocalApi;
  readonly trainingsAtOnce: number;
  /** Measures the speed of this machine again if its load has changed. Call it when no job is running. */
  refreshProfile(signal: AbortSignal): Promise<void>;
  /** The path of an object of the store on this machine. */
  locate(key: string): string;
  close(): Promise<void>;
}

const trainingEntry = moduleFile('../../functions/train/main', import.meta.url);
const calibrationEntry = moduleFile('./calibrate', import.meta.url);

export interface LocalSystemOptions {
  /** Whether predictions of models that ask for it are kept; default: they are. */
  readonly keepsPredictions?: boolean | undefined;
  /** A process for the first attempt that this process starts. */
  readonly spare?: SpareAttempt | undefined;
  /** The folder of the input cache, which the spare process knows. Default: a new one. */
  readonly inputFolder?: string | undefined;
}

export function openLocalSystem(
  environment: NodeJS.ProcessEnv,
  log: Log = jsonLog,
  { keepsPredictions, spare, inputFolder: givenFolder }: LocalSystemOptions = {},
): LocalSystem {
  const directory = dataDirectory(environment);
  mkdirSync(directory, { recursive: true });
  const profile = openMachineProfile({
    entry: calibrationEntry,
    environment,
    cache: localMachineCache(environment),
    log,
  });
  const inputFolder = givenFolder ?? newInputFolder(directory);
  const inputCache = openInputCache(inputFolder, log);
  const world = {
    ...openEmbeddedWorld(directory, log),
    inputCache,
    buckets: localSourceBuckets(environment),
    machineProfile: () => profile.find(),
    loopbackWebhooks: environment.GRAFT_WEBHOOK_LOOPBACK === '1',
  };
  // Each takes all cores.
  const trainingsAtOnce = maxTrainings(environment, 1);
  const compute = openChildCompute({
    entry: trainingEntry,
    environment: { ...environment, GRAFT_DATA_DIR: directory, GRAFT_INPUT_CACHE: inputFolder },
    logDirectory: join(directory, 'logs'),
    most: trainingsAtOnce,
    spare,
    async onEnd(attempt, how, stopped) {
      await attemptEnded(attempt, how, world, { stopped }).catch((error) =>
        world.log('track.failed', { ...attempt, error: errorJson(error) }),
      );
    },
  });
  const predictor = openLocalPredictor(world, keepsPredictions);
  const services = { world, compute, predictor };
  const labelling = openLabellingService(log, (ref) => openVersionView(ref, world));
  const localRoutes = [getConsole, getConsoleFile, ...findRoutes(labelling), putUpload(world.store), getDownload(world.store)];
  return {
    directory,
    world,
    inputCache,
    compute,
    api: localApi([...routes, ...localRoutes], services, {
      origins: originsOf(environment),
    }),
    trainingsAtOnce,
    refreshProfile: (signal) => profile.refresh(signal),
    locate: (key) => objectFile(storeDirectory(directory), key),
    async close() {
      await labelling.close();
      await predictor.close();
      world.close();
    },
  };
}

/** Other origins whose web pages may use this API: GRAFT_CORS_ORIGINS, separated by commas. */
function originsOf({ GRAFT_CORS_ORIGINS = '' }: NodeJS.ProcessEnv): string[] {
  return GRAFT_CORS_ORIGINS.split(',').flatMap((origin) => origin.trim() || []);
}
