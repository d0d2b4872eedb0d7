import { type Client, createClient } from '../lib/client/client.ts';
import { httpTransport } from '../lib/client/transport.ts';
import type { ObjectStore } from '../lib/ports.ts';
import type { LocalSystem } from './local/local-system.ts';
import { startWorker } from './local/start-worker.ts';

/** What a command works with: the API, wherever it runs. */
export interface Context {
  readonly client: Client;
  /** Called after something was put on a queue: where no server is at work, a worker is started for it. */
  readonly wakeWorker: () => void;
  /** The store itself, where it is on this machine. */
  readonly store: ObjectStore | undefined;
  /** Where people find an object of the store: a path on this machine, or its key for an API elsewhere. */
  readonly locate: (key: string) => string;
  close(): Promise<void>;
}

/** With GRAFT_API the command speaks HTTP; without it, the same functions run in this process. */
export async function openContext(environment: NodeJS.ProcessEnv): Promise<Context> {
  const { GRAFT_API: address } = environment;
  if (address) return remote(address);
  // Loaded only here: a command that speaks HTTP needs none of it.
  const { openLocalSystem } = await import('./local/local-system.ts');
  const { localPath } = await import('./local/local-path.ts');
  const system: LocalSystem = openLocalSystem(environment, quiet);
  return {
    client: createClient(system.api),
    wakeWorker: () => startWorker(system.directory),
    store: system.world.store,
    locate: (key) => localPath(system.directory, key),
    close: () => system.close(),
  };
}

function remote(address: string): Context {
  return {
    client: createClient(httpTransport(address)),
    wakeWorker: () => {},
    store: undefined,
    locate: (key) => key,
    close: async () => {},
  };
}

/** What goes wrong in a route reaches the user as the command's error; the log would only repeat it. */
function quiet(): void {}
