import type { Transport } from '../../../lib/client/api-request.ts';
import { createPrivateFolder } from '../../../lib/local/data-folder.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import type { Log } from '../../../lib/ports.ts';
import { type LocalApi, localApi, pathPattern } from '../../api/dispatch-request.ts';
import { noCompute, noPredictor } from '../../unavailable-services.ts';
import { findRoutes } from '../find-routes.ts';
import { openLabellingService } from '../labelling-service.ts';
import { openRemoteVersions } from './remote-versions.ts';

/** The routes that need features, served by this machine for the data sets of an API elsewhere. */
export interface RemoteLabelling {
  /** Whether this machine serves a path. */
  serves(pathname: string): boolean;
  readonly api: LocalApi;
  close(): Promise<void>;
}

export interface RemoteLabellingOptions {
  /** Sends a request to the API, or to its store. */
  readonly send: Transport;
  /** Keeps trunks and features. The first request creates it, so that the console works where it cannot be written. */
  readonly directory: string;
  readonly log: Log;
}

export function openRemoteLabelling({ send, directory, log }: RemoteLabellingOptions): RemoteLabelling {
  let opened: ReturnType<typeof openFolder> | undefined;
  const service = openLabellingService(log, (ref) => folder().openVersion(ref));
  const routes = findRoutes(service);
  const patterns = routes.map(({ contract }) => pathPattern(contract.path));

  function folder() {
    opened ??= openFolder();
    return opened;
  }

  function openFolder() {
    // What the features say of private images is for this user only.
    createPrivateFolder(directory);
    const world = openEmbeddedWorld(directory, log);
    return {
      world,
      openVersion: openRemoteVersions(send, world),
      api: localApi(routes, { world, compute: noCompute, predictor: noPredictor }),
    };
  }

  return {
    serves: (pathname) => patterns.some((pattern) => pattern.test(pathname)),
    api: async (request) => folder().api(request),
    async close() {
      await service.close();
      opened?.world.close();
    },
  };
}
