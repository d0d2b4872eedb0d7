import { jsonLog } from '../../functions/world.ts';
import { RuntimeError } from '../../lib/errors.ts';
import { endWithFolder } from '../local/end-with-folder.ts';
import { holdWorkerLock, openLocalSystem } from '../local/local-system.ts';
import { runWorker } from '../local/run-worker.ts';
import { serve } from '../local/serve.ts';
import { EXIT, type Output } from '../output.ts';

/** graft dev: API, queues and worker on this machine, until it is told to stop. Jobs that were under way go on at the next start. */
export async function dev({ host, port }: { host: string; port: number }, output: Output): Promise<number> {
  const system = openLocalSystem(process.env, jsonLog);
  const lock = await takeLock(system.directory);
  const server = await serve(system.api, { host, port });
  output.result(
    { address: server.address, directory: system.directory },
    [
      `Graft is at ${server.address}, its data in ${system.directory}. In another terminal:`,
      `  export GRAFT_API=${server.address}`,
      '  graft train --dataset PATH --wait',
    ].join('\n'),
  );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  await endWithFolder(system);
  await runWorker(system, stop.signal);
  await server.close();
  lock.close();
  await system.close();
  return EXIT.done;
}

/** A detached worker may still be finishing a job on this folder; it leaves by itself when it is done. */
async function takeLock(directory: string) {
  const lock = holdWorkerLock(directory);
  if (lock !== undefined) return lock;
  throw new RuntimeError('DATA_FOLDER_IN_USE', {
    at: directory,
    expected: 'no other worker on this folder',
    received: 'another graft dev, or a worker that has not finished its jobs',
    fix: 'wait until its jobs are done (graft jobs), or set GRAFT_DATA_DIR to another folder',
  });
}
