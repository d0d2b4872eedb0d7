/**
 * A worker that outlives the command that started it: empties the queues, then exits. With `--spare`, it first starts a
 * process for an attempt, so that both load their modules at the same time; hence the import below.
 */
import { join } from 'node:path';
import { startSpareAttempt } from '../../lib/local/spare-attempt.ts';
import { moduleFile } from './module-file.ts';

const { GRAFT_DATA_DIR: directory } = process.env;
const spare =
  directory !== undefined && process.argv.includes('--spare')
    ? startSpareAttempt({
        entry: moduleFile('../train/spare', import.meta.url),
        environment: process.env,
        logDirectory: join(directory, 'logs'),
      })
    : undefined;
const { runDetachedWorker } = await import('./run-detached-worker.ts');
await runDetachedWorker(spare);
process.exit(0);
