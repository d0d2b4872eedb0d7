import { type Client, createClient } from '../lib/client/client.ts';
import { withRetries } from '../lib/client/retry.ts';
import { UsageError } from '../lib/errors.ts';
import type { ObjectStore, SourceBuckets } from '../lib/ports.ts';
import { readDeployment } from './deployment.ts';
import { remoteClient } from './remote-client.ts';

/** What a command works with: the API, wherever it runs. */
export interface Context {
  readonly client: Client;
  /** Starts a worker on this machine's data folder, which ends at once if another one is at work: for what was put on a queue. */
  readonly wakeWorker: () => void;
  /** Whether a worker is at work on this machine's data folder; undefined where the API is elsewhere. */
  readonly hasWorker?: () => boolean;
  /** The store itself, where it is on this machine. */
  readonly store: ObjectStore | undefined;
  /** Buckets whose images it may have in place. */
  readonly buckets?: SourceBuckets | undefined;
  /** Where people find an object of the store: a path on this machine, or its key for an API elsewhere. */
  readonly locate: (key: string) => string;
  close(): Promise<void>;
}

/**
 * With --remote the command speaks to what `graft deploy` has made, with GRAFT_API to that address; without either, the same
 * functions run in this process.
 * @throws UsageError NOTHING_DEPLOYED, ADDRESS_INVALID
 */
export async function openContext(environment: NodeJS.ProcessEnv, { remote = false } = {}): Promise<Context> {
  const { GRAFT_API: address } = environment;
  if (remote) return remoteContext(await deployed(environment));
  if (address) return remoteContext(await remoteClient(checkAddress(address)));
  // Loaded only here: a command that speaks HTTP needs none of it.
  const { openLocalSystem } = await import('../functions/local/local-system.ts');
  const { startWorker } = await import('../functions/local/start-worker.ts');
  const { isWorkerAtWork } = await import('../lib/local/worker-lock.ts');
  const system = openLocalSystem(environment, quiet);
  return {
    // No failure here is retryable, but for those that ask for a retry.
    client: createClient(withRetries(system.api, { attempts: 1 })),
    wakeWorker: () => startWorker(system.directory),
    hasWorker: () => isWorkerAtWork(system.directory),
    store: system.world.store,
    buckets: system.world.buckets,
    locate: (key) => system.locate(key),
    close: () => system.close(),
  };
}

async function deployed(environment: NodeJS.ProcessEnv): Promise<Client> {
  const deployment = await readDeployment(environment);
  if (deployment !== undefined) return remoteClient(deployment.api, deployment.region);
  throw new UsageError('NOTHING_DEPLOYED', {
    at: '--remote',
    expected: 'a deployment from this folder',
    received: 'none',
    fix: 'graft deploy, or set GRAFT_API to the address of an API',
  });
}

function checkAddress(address: string): string {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new UsageError('ADDRESS_INVALID', {
    at: 'GRAFT_API',
    expected: 'the address of an API, such as http://127.0.0.1:4400',
    received: address,
    fix: 'correct GRAFT_API, or unset it to work on this machine',
  });
}

function remoteContext(client: Client): Context {
  return { client, wakeWorker: () => {}, store: undefined, locate: (key) => key, close: async () => {} };
}

/** What goes wrong in a route reaches the user as the command's error; the log would only repeat it. */
function quiet(): void {}
