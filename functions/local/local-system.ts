import { openVersionView } from '../../lib/labelling/open-version-view.ts';
import { storeDirectory } from '../../lib/local/data-folder.ts';
import { objectFile } from '../../lib/local/file-store.ts';
import { newInputFolder } from '../../lib/local/input-folder.ts';
import type { Log } from '../../lib/ports.ts';
import { type LocalApi, localApi } from '../api/dispatch-request.ts';
import { routes } from '../api/routes.ts';
import { dataDirectory, jsonLog } from '../world.ts';
import { findRoutes } from './find-routes.ts';
import { getConsole, getConsoleFile } from './get-console.ts';
import { getDownload } from './get-download.ts';
import { openLabellingService } from './labelling-service.ts';
import { openLocalPredictor } from './local-predictor.ts';
import { putUpload } from './put-upload.ts';
import { openWorkerSystem, type WorkerSystem } from './worker-system.ts';

/** All of Graft on one machine: the same functions as in AWS, on a folder of files, SQLite and child processes. */
export interface LocalSystem extends WorkerSystem {
  readonly api: LocalApi;
  /** The path of an object of the store on this machine. */
  locate(key: string): string;
  close(): Promise<void>;
}

export interface LocalSystemOptions {
  /** Whether predictions of models that ask for it are kept; default: they are. */
  readonly keepsPredictions?: boolean | undefined;
}

export function openLocalSystem(
  environment: NodeJS.ProcessEnv,
  log: Log = jsonLog,
  { keepsPredictions }: LocalSystemOptions = {},
): LocalSystem {
  const system = openWorkerSystem(environment, log, { inputFolder: newInputFolder(dataDirectory(environment)) });
  const { directory, world, compute } = system;
  const predictor = openLocalPredictor(world, keepsPredictions);
  const services = { world, compute, predictor };
  const labelling = openLabellingService(log, (ref) => openVersionView(ref, world));
  const localRoutes = [getConsole, getConsoleFile, ...findRoutes(labelling), putUpload(world.store), getDownload(world.store)];
  return {
    ...system,
    api: localApi([...routes, ...localRoutes], services, {
      origins: originsOf(environment),
    }),
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
