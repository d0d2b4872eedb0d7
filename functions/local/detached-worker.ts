/**
 * A worker that outlives the command that started it: empties the queues, then exits. With `--job`, a
 * job is expected: it first starts a process for an attempt, so that both load their modules at the same time (hence the
 * import below), and keeps images of an import for that job.
 */
import { join } from 'node:path';
import { newInputFolder } from '../../lib/local/input-folder.ts';
import { startSpareAttempt } from '../../lib/local/spare-attempt.ts';
import { moduleFile } from '../../lib/module-file.ts';
import { attemptEnvironment } from './attempt-environment.ts';

const { GRAFT_DATA_DIR: directory } = process.env;
const options = directory !== undefined && process.argv.includes('--job') ? prepareJob(directory) : {};
const { runDetachedWorker } = await import('./run-detached-worker.ts');
await runDetachedWorker(options);
process.exit(0);

function prepareJob(dataDirectory: string) {
  const inputFolder = newInputFolder(dataDirectory);
  const spare = startSpareAttempt({
    entry: moduleFile('../train/spare', import.meta.url),
    environment: attemptEnvironment(process.env, { directory: dataDirectory, inputFolder }),
    logDirectory: join(dataDirectory, 'logs'),
  });
  return { spare, inputFolder };
}
