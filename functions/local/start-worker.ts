import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { moduleFile } from './module-file.ts';

const entry = moduleFile('./detached-worker', import.meta.url);

/** Starts a detached worker, which exits if another one is running. */
export function startWorker(directory: string): void {
  const logs = join(directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, 'worker.log'), 'a');
  spawn(process.execPath, [...process.execArgv, entry], {
    detached: true,
    env: { ...process.env, GRAFT_DATA_DIR: directory },
    stdio: ['ignore', log, log],
  }).unref();
  closeSync(log);
}
