import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteQueue } from '../../../lib/local/sqlite-queue.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { jobQueueContract } from '../../support/port-contracts.ts';

const clock = manualClock();

jobQueueContract(
  'a SQLite file',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'graft-queue-'));
    const queue = openSqliteQueue({ file: join(directory, 'queue.sqlite'), clock });
    return {
      queue,
      async dispose() {
        queue.close();
        await rm(directory, { recursive: true });
      },
    };
  },
  clock,
);
