import { type Client, createClient, httpTransport } from '../lib/client/client.ts';
import type { LocalSystem } from './local/local-system.ts';
import { startWorker } from './local/start-worker.ts';

/** What a command works with: the API, wherever it runs. */
export interface Context {
  readonly client: Client;
  /** Called after something was put on a queue: where no server is at work, a worker is started for it. */
  readonly wakeWorker: () => void;
  /** Where results of this machine's jobs lie; undefined for an API elsewhere. */
  readonly directory: string | undefined;
  close(): Promise<void>;
}

/** With GRAFT_API the command speaks HTTP; without it, the same functions run in this process. */
export async function openContext(environment: NodeJS.ProcessEnv): Promise<Context> {
  const { GRAFT_API: address } = environment;
  if (address)
    return { client: createClient(httpTransport(address)), wakeWorker: () => {}, directory: undefined, close: async () => {} };
  // Loaded only here: a command that speaks HTTP needs none of it.
  const { openLocalSystem } = await import('./local/local-system.ts');
  const system: LocalSystem = openLocalSystem(environment, quiet);
  return {
    client: createClient(system.api),
    wakeWorker: () => startWorker(system.directory),
    directory: system.directory,
    close: () => system.close(),
  };
}

/** What goes wrong in a route reaches the user as the command's error; the log would only repeat it. */
function quiet(): void {}
