/**
 * The threads of sessions, one of which may be started ahead. This module imports hardly anything of Graft, so that a
 * process can start that thread before it has read its other modules.
 */
import { Worker } from 'node:worker_threads';
import { disableTelemetry } from './disable-telemetry.ts';

/** A thread without a model, which waits for the next session. */
let spare: Worker | undefined;

/**
 * Starts the thread of the next session, which loads ONNX Runtime while this thread does other work. It does not keep
 * the process alive.
 */
export function prepareWorker(): void {
  if (spare !== undefined) return;
  const worker = startWorker(besideThisModule());
  spare = worker;
  const forget = (): void => {
    if (spare === worker) spare = undefined;
  };
  worker.on('exit', forget).on('error', forget).unref();
}

/** Returns a thread for a session. @param file of the thread, if it is not next to this module */
export function takeWorker(file?: URL): Worker {
  if (file !== undefined || spare === undefined) return startWorker(file ?? besideThisModule());
  const worker = spare;
  spare = undefined;
  worker.ref();
  return worker;
}

/** Returns the worker's file next to this module: TypeScript in the repository, JavaScript in the package. */
function besideThisModule(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./session-worker.${extension}`, import.meta.url);
}

function startWorker(file: URL): Worker {
  disableTelemetry();
  // Workers inherit the flags of the process but reject this one, since their code comes from a file.
  return new Worker(file, { execArgv: process.execArgv.filter((flag) => !flag.startsWith('--input-type')) });
}
