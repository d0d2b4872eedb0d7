import { join } from 'node:path';
import { WEBHOOK_TRIES } from '../contracts/webhook.ts';
import type { Log, World } from '../ports.ts';
import { prepareDataFolder, storeDirectory } from './data-folder.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import type { FileStore } from './file-store.ts';
import { lazily } from './lazily.ts';
import { localClock } from './local-clock.ts';
import { openSqliteQueue } from './sqlite-queue.ts';

/** A world whose store accepts uploads itself. */
export interface LocalWorld extends World {
  readonly store: FileStore;
  close(): void;
}

/**
 * Opens the default embedded world, with everything in one folder. Creates the folder if needed, and migrates one of an
 * earlier version.
 * @throws as `prepareDataFolder`
 */
export function openEmbeddedWorld(directory: string, log: Log): LocalWorld {
  prepareDataFolder(directory);
  const clock = localClock;
  const store = openEmbeddedStore({ directory: storeDirectory(directory), clock });
  // A process that predicts uses none of them.
  const imports = lazily(() => openSqliteQueue({ file: join(directory, 'imports.sqlite'), clock }));
  const trainings = lazily(() => openSqliteQueue({ file: join(directory, 'trainings.sqlite'), clock }));
  const webhooks = lazily(() => openSqliteQueue({ file: join(directory, 'webhooks.sqlite'), clock, maxReceives: WEBHOOK_TRIES }));
  return {
    store,
    queues: {
      get imports() {
        return imports.get();
      },
      get trainings() {
        return trainings.get();
      },
      get webhooks() {
        return webhooks.get();
      },
    },
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
