/**
 * The threads of sessions, one of which may be started ahead. This module imports hardly anything of Graft, so that a
 * process can start that thread before it has read its other modules.
 */
import type { Worker } from 'node:worker_threads';
import { moduleFile } from '../module-file.ts';
import { startThread } from '../threads.ts';
import { disableTelemetry } from './disable-telemetry.ts';

/** A thread without a model, which waits for the next session. */
let spare: Worker | undefined;

/**
 * Starts the thread of the next session, which loads ONNX Runtime while this thread does other work. It does not keep
 * the process alive.
 */
export function prepareWorker(): void {
  if (spare !== undefined) return;
  const worker = startWorker();
  spare = worker;
  const forget = (): void => {
    if (spare === worker) spare = undefined;
  };
  worker.on('exit', forget).on('error', forget).unref();
}

/** Returns a thread for a session. @param file of the thread, if it is not next to this module */
export function takeWorker(file?: URL): Worker {
  if (file !== undefined || spare === undefined) return startWorker(file);
  const worker = spare;
  spare = undefined;
  worker.ref();
  return worker;
}

function startWorker(file: URL | string = moduleFile('./session-worker', import.meta.url)): Worker {
  disableTelemetry();
  return startThread(file);
}
