import { join, resolve } from 'node:path';
import { type FileStore, openFileStore } from '../lib/local/file-store.ts';
import { openSqliteQueue } from '../lib/local/sqlite-queue.ts';
import { systemClock } from '../lib/local/system-clock.ts';
import type { Log, World } from '../lib/ports.ts';

/** One JSON line an event, on standard error. */
export const jsonLog: Log = (event, values = {}) => {
  process.stderr.write(`${JSON.stringify({ time: systemClock.now().toISOString(), event, ...values })}\n`);
};

/** Where the embedded default keeps everything. */
export function dataDirectory(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.GRAFT_DATA_DIR ?? '.graft');
}

/** Where the embedded store's files lie in the data directory. */
export function storeDirectory(directory: string): string {
  return join(directory, 'store');
}

/** A world whose store takes uploads itself. */
export interface LocalWorld extends World {
  readonly store: FileStore;
  close(): void;
}

/** The one place that chooses the adapters of a process. */
export function openWorld(environment: NodeJS.ProcessEnv, log: Log = jsonLog): LocalWorld {
  const directory = dataDirectory(environment);
  const clock = systemClock;
  const store = openFileStore({ directory: storeDirectory(directory), clock });
  const imports = openSqliteQueue({ file: `${directory}/imports.sqlite`, clock });
  const trainings = openSqliteQueue({ file: `${directory}/trainings.sqlite`, clock });
  return {
    store,
    queues: { imports, trainings },
    clock,
    log,
    close() {
      store.close();
      imports.close();
      trainings.close();
    },
  };
}
