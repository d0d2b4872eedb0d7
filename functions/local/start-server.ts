import { RuntimeError } from '../../lib/errors.ts';
import type { FileLock } from '../../lib/local/file-lock.ts';
import { holdWorkerLock } from '../../lib/local/worker-lock.ts';
import type { Log } from '../../lib/ports.ts';
import { type ApiToken, apiToken } from './api-token.ts';
import { exitWhenFolderIsDeleted } from './exit-when-folder-is-deleted.ts';
import { listenAddress } from './listen.ts';
import { openLocalSystem } from './local-system.ts';
import { hasWork, runWorker } from './run-worker.ts';
import { requiresToken, type ServeOptions, serve } from './serve.ts';

/** The API, queues and worker of one data folder, in this process. */
export interface StartedServer {
  readonly address: string;
  /** The data folder. */
  readonly directory: string;
  /** The token that requests need, if other machines can reach the server, or if the environment sets one. */
  readonly token: ApiToken | undefined;
  /** Works on jobs until the signal, then closes everything. */
  run(signal: AbortSignal): Promise<void>;
}

/** @throws RuntimeError DATA_FOLDER_IN_USE; as `serve`, `apiToken` and `openLocalSystem` */
export async function startServer(
  environment: NodeJS.ProcessEnv,
  { host, port, allowedHosts = [] }: Pick<ServeOptions, 'host' | 'port' | 'allowedHosts'>,
  log: Log,
): Promise<StartedServer> {
  const system = openLocalSystem(environment, log);
  const { directory } = system;
  const lock = await takeLock(directory);
  const isOpen = requiresToken(await listenAddress(host), allowedHosts);
  const token = isOpen || environment.GRAFT_API_TOKEN ? await apiToken(directory, environment) : undefined;
  const server = await serve(system.api, { host, port, allowedHosts, token: token?.token });
  return {
    address: server.address,
    directory,
    token,
    async run(signal) {
      await exitWhenFolderIsDeleted(system);
      const whenIdle = () => void system.refreshProfile({ signal, isBusy: () => hasWork(system) });
      await runWorker(system, signal, { whenIdle });
      await server.close();
      lock.close();
      await system.close();
    },
  };
}

/** A detached worker may still be finishing a job on this folder; it exits when it is done. */
async function takeLock(directory: string): Promise<FileLock> {
  const lock = await holdWorkerLock(directory);
  if (lock !== undefined) return lock;
  throw new RuntimeError('DATA_FOLDER_IN_USE', {
    at: directory,
    expected: 'no other worker on this folder',
    received: 'another graft dev, a command that sends images, or a worker that has not finished its jobs',
    fix: 'wait until its jobs have ended (graft jobs lists them), or set GRAFT_DATA_DIR to another folder',
  });
}
