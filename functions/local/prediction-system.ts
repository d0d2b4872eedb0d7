import { createPrivateFolder, storeDirectory } from '../../lib/local/data-folder.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { objectFile } from '../../lib/local/file-store.ts';
import type { Log } from '../../lib/ports.ts';
import { localApi } from '../api/dispatch-request.ts';
import { predict } from '../api/predict.ts';
import { noCompute } from '../unavailable-services.ts';
import { dataDirectory, localSourceBuckets } from '../world.ts';
import { openLocalPredictor } from './local-predictor.ts';
import type { LocalSystem } from './local-system.ts';

/** The part of a local system that predicts. */
export type PredictionSystem = Pick<LocalSystem, 'directory' | 'world' | 'api' | 'locate' | 'close'>;

/**
 * Opens the API on this machine with the route that predicts, and no other: without the modules of all others, a process
 * that predicts once starts faster.
 */
export function openPredictionSystem(environment: NodeJS.ProcessEnv, log: Log): PredictionSystem {
  const directory = dataDirectory(environment);
  createPrivateFolder(directory);
  const world = { ...openEmbeddedWorld(directory, log), buckets: localSourceBuckets(environment) };
  const predictor = openLocalPredictor(world);
  return {
    directory,
    world,
    api: localApi([predict], { world, compute: noCompute, predictor }),
    locate: (key) => objectFile(storeDirectory(directory), key),
    async close() {
      await predictor.close();
      world.close();
    },
  };
}
