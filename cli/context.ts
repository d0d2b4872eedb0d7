import type { PredictionSystem } from '../functions/local/prediction-system.ts';
import { type Client, createClient } from '../lib/client/client.ts';
import { withRetries } from '../lib/client/retry.ts';
import { UsageError } from '../lib/errors.ts';
import type { Log, ObjectStore, SourceBuckets } from '../lib/ports.ts';
import { readDeployment } from './deployment.ts';
import { checkAddress, remoteClient } from './remote-client.ts';

/** What a command works with: the API, wherever it runs. */
export interface Context {
  readonly client: Client;
  /**
   * Starts a worker on this machine's data folder to process the queues; it exits at once if another one is running.
   */
  readonly wakeWorker: () => void;
  /**
   * Starts such a worker before its work is in a queue. It does not exit before the returned function is called; call
   * that after `wakeWorker`. Undefined if the API is on another machine.
   */
  readonly prepareWorker?: () => () => void;
  /**
   * Announces a job: a worker that this command starts does not exit before the returned function is called, loads the
   * modules of a training ahead, and keeps images of an import for it. Undefined if the API is on another machine.
   */
  readonly expectJob?: () => () => void;
  /**
   * Whether a worker is running on this machine's data folder, or this command is starting one; undefined if the API is
   * on another machine.
   */
  readonly hasWorker?: () => boolean;
  /** The store itself, if it is on this machine. */
  readonly store: ObjectStore | undefined;
  /** What named the API, if it is on another machine. */
  readonly namedBy?: '--remote' | 'GRAFT_API';
  /** Buckets whose images data sets may use. */
  readonly buckets?: SourceBuckets | undefined;
  /** Where a user finds an object of the store: a path on this machine, or its key in the store of another API. */
  readonly locate: (key: string) => string;
  close(): Promise<void>;
}

export interface ContextOptions {
  /** Whether the command has --remote. */
  readonly remote?: boolean;
  /** Whether the command only predicts: on this machine, its API has no other route. */
  readonly predictsOnly?: boolean;
  /**
   * Whether the API of this process keeps predictions of models that ask for it; default: it does. Another API decides
   * itself.
   */
  readonly keepsPredictions?: boolean;
  /**
   * Gets events of the API of this process. Default: none, because the user sees a failure of a route as the command's
   * error.
   */
  readonly log?: Log;
}

/**
 * Opens the API of a command: with --remote that of the deployment, with GRAFT_API the one at that address; otherwise
 * the same functions in this process.
 * @throws UsageError NOTHING_DEPLOYED, ADDRESS_INVALID
 */
export async function openContext(
  environment: NodeJS.ProcessEnv,
  { remote = false, predictsOnly = false, keepsPredictions = true, log = quiet }: ContextOptions = {},
): Promise<Context> {
  const { GRAFT_API: address } = environment;
  if (remote) return remoteContext(await deployed(environment), '--remote');
  if (address) return remoteContext(await remoteClient(checkAddress(address)), 'GRAFT_API');
  if (predictsOnly) return predictionContext(environment);
  // Loaded only here, because a command that uses HTTP does not need it.
  const { openLocalSystem } = await import('../functions/local/local-system.ts');
  const { openWorkerStarter } = await import('../functions/local/start-worker.ts');
  const system = openLocalSystem(environment, log, { keepsPredictions });
  const workers = openWorkerStarter(system.directory);
  return {
    ...localContext(system),
    wakeWorker: workers.wake,
    prepareWorker: workers.prepare,
    expectJob: workers.expectJob,
    hasWorker: workers.hasWorker,
  };
}

/** Loads neither the other routes nor what runs jobs. */
async function predictionContext(environment: NodeJS.ProcessEnv): Promise<Context> {
  const { prepareWorker } = await import('../lib/onnx/spare-worker.ts');
  prepareWorker();
  const { openPredictionSystem } = await import('../functions/local/prediction-system.ts');
  return { ...localContext(openPredictionSystem(environment, quiet)), wakeWorker: () => {} };
}

/** The functions of this process, without what runs jobs. */
function localContext(system: PredictionSystem): Omit<Context, 'wakeWorker' | 'prepareWorker' | 'expectJob' | 'hasWorker'> {
  return {
    // Here, only failures that request a retry are retryable.
    client: createClient(withRetries(system.api, { attempts: 1 })),
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

function remoteContext(client: Client, namedBy: '--remote' | 'GRAFT_API'): Context {
  return { client, namedBy, wakeWorker: () => {}, store: undefined, locate: (key) => key, close: async () => {} };
}

function quiet(): void {}
