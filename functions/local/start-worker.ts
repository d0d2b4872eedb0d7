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
  const logs = join(directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, 'worker.log'), 'a');
  const worker = spawn(process.execPath, [...process.execArgv, entry], {
    detached: true,
    env: { ...process.env, GRAFT_DATA_DIR: directory },
    stdio: ['ignore', log, log],
  });
  // Without a listener, the error would end the command, whose job is already submitted.
  worker.on('error', () => {});
  worker.unref();
  closeSync(log);
}
