import { setTimeout as wait } from 'node:timers/promises';
import { holdWorkerLock, isWorkerAtWork } from '../../lib/local/worker-lock.ts';
import { jsonLog, outliveFullLog } from '../world.ts';
import { exitWhenFolderIsDeleted } from './exit-when-folder-is-deleted.ts';
import { runWorker } from './run-worker.ts';
import { openWorkerSystem, type WorkerSystemOptions } from './worker-system.ts';

const MS_BETWEEN_TRIES = 200;

/** Empties the queues of the data folder, unless another process does so. One process at a time works on a folder. */
export async function runDetachedWorker(options: WorkerSystemOptions): Promise<void> {
  outliveFullLog();
  const system = openWorkerSystem(process.env, jsonLog, options);
  await exitWhenFolderIsDeleted(system);
  const asked = new AbortController();
  process.once('SIGTERM', () => asked.abort());
  let isOnlyWorker = true;
  for (let more = true; more && !asked.signal.aborted; ) {
    // Read before the lock: the command disconnects only after its messages are in the queues.
    const expected = isExpected();
    const lock = await holdWorkerLock(system.directory);
    isOnlyWorker = lock !== undefined;
    if (lock === undefined) {
      // Another worker uses this folder, and will process the queue.
      if (!expected) break;
      // It may be idle, and end before the message of the command is there.
      await wait(MS_BETWEEN_TRIES, undefined, { signal: asked.signal }).catch(() => undefined);
      continue;
    }
    const idle = new AbortController();
    await runWorker(system, AbortSignal.any([asked.signal, idle.signal]), { whenIdle: () => idle.abort(), isExpected });
    lock.close();
    // A job may have arrived between the last read of the queue and the release of the lock.
    more = (await system.world.queues.trainings.size()) + (await system.world.queues.imports.size()) > 0;
  }
  await options.spare?.end();
  // Nobody waits for this process any more, and the lock is free: the next worker starts at once.
  const isBusy = () => isWorkerAtWork(system.directory);
  if (isOnlyWorker) await system.refreshProfile({ signal: asked.signal, isBusy });
  system.world.close();
}

/** Whether the command that started this process is still preparing work for it: it then keeps the channel open. */
function isExpected(): boolean {
  return process.connected;
}
