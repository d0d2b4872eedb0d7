import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { moduleFile } from './module-file.ts';

const entry = moduleFile('./detached-worker', import.meta.url);

/**
 * Starts a detached worker, which exits if another one is running. If the system has no process for it, a command that
 * waits starts one later.
 */
export function startWorker(directory: string): void {
  const log = openLog(directory);
  try {
    const worker = spawn(process.execPath, [...process.execArgv, entry], {
      detached: true,
      env: { ...process.env, GRAFT_DATA_DIR: directory },
      stdio: ['ignore', log ?? 'ignore', log ?? 'ignore'],
    });
    // Without a listener, the error would end the command, whose job is already submitted.
    worker.on('error', () => {});
    worker.unref();
  } catch {
    // Node emits some errors of the system, and throws the others, such as ENOMEM.
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** @returns undefined if it cannot be opened: a worker without a log is better than none */
function openLog(directory: string): number | undefined {
  const logs = join(directory, 'logs');
  try {
    mkdirSync(logs, { recursive: true });
    return openSync(join(logs, 'worker.log'), 'a');
  } catch {
    return undefined;
  }
}
