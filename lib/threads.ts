import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Returns the file of a thread that is next to a module: TypeScript in the repository, JavaScript in the package and in
 * bundles.
 * @param module the module's `import.meta.url`
 */
export function threadFile(name: string, module: string): URL {
  return new URL(`./${name}.${module.endsWith('.ts') ? 'ts' : 'js'}`, module);
}

/** Starts a thread from a file. */
export function startThread(file: URL, options: Pick<WorkerOptions, 'workerData'> = {}): Worker {
  // A thread inherits the flags of the process, but rejects this one, since its code comes from a file.
  const execArgv = process.execArgv.filter((flag) => !flag.startsWith('--input-type'));
  const inherits = execArgv.length === process.execArgv.length;
  return new Worker(file, { ...options, ...(!inherits && { execArgv }) });
}
