/**
 * A worker that outlives the command that started it: empties the queues, then exits. One at a time on a data folder.
 */
import { holdWorkerLock } from '../../lib/local/worker-lock.ts';
import { outliveFullLog } from '../world.ts';
import { exitWhenFolderIsDeleted } from './exit-when-folder-is-deleted.ts';
import { openLocalSystem } from './local-system.ts';
import { runWorker } from './run-worker.ts';

outliveFullLog();
const system = openLocalSystem(process.env);
await exitWhenFolderIsDeleted(system);
const asked = new AbortController();
process.once('SIGTERM', () => asked.abort());
let isOnlyWorker = true;
for (let more = true; more && !asked.signal.aborted; ) {
  const lock = await holdWorkerLock(system.directory);
  isOnlyWorker = lock !== undefined;
  // Another worker uses this folder, and will process the queue.
  if (lock === undefined) break;
  const idle = new AbortController();
  await runWorker(system, AbortSignal.any([asked.signal, idle.signal]), () => idle.abort());
  lock.close();
  // A job may have arrived between the last read of the queue and the release of the lock.
  more = (await system.world.queues.trainings.size()) + (await system.world.queues.imports.size()) > 0;
}
// Nobody waits for this process any more, and the lock is free: the next worker starts at once.
if (isOnlyWorker) await system.refreshProfile(asked.signal);
await system.close();
process.exit(0);
