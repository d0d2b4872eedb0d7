import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { WEBHOOK_TRIES } from '../contracts/webhook.ts';
import type { Log, World } from '../ports.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import type { FileStore } from './file-store.ts';
import { openSqliteQueue } from './sqlite-queue.ts';
import { systemClock } from './system-clock.ts';

/** A world whose store takes uploads itself. */
export interface LocalWorld extends World {
  readonly store: FileStore;
  close(): void;
}

/** Where the embedded store's files lie in the data directory. */
export function storeDirectory(directory: string): string {
  return join(directory, 'store');
}

/** The embedded default: everything in one folder, which need not be there yet. */
export function openEmbeddedWorld(directory: string, log: Log): LocalWorld {
  mkdirSync(directory, { recursive: true });
  const clock = systemClock;
  const store = openEmbeddedStore({ directory: storeDirectory(directory), clock });
  const imports = openSqliteQueue({ file: join(directory, 'imports.sqlite'), clock });
  const trainings = openSqliteQueue({ file: join(directory, 'trainings.sqlite'), clock });
  const webhooks = openSqliteQueue({ file: join(directory, 'webhooks.sqlite'), clock, maxReceives: WEBHOOK_TRIES });
  return {
    store,
    queues: { imports, trainings, webhooks },
    clock,
    log,
    close() {
      store.close();
      imports.close();
      trainings.close();
      webhooks.close();
    },
  };
}
