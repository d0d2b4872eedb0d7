import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Starts a thread from a file. */
export function startThread(file: URL | string, options: Pick<WorkerOptions, 'workerData'> = {}): Worker {
  // A thread inherits the flags of the process, but rejects this one, since its code comes from a file.
  const execArgv = process.execArgv.filter((flag) => !flag.startsWith('--input-type'));
  const inherits = execArgv.length === process.execArgv.length;
  return new Worker(file, { ...options, ...(!inherits && { execArgv }) });
}
