import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Compute, JobAttempt } from '../ports.ts';

export interface ChildComputeOptions {
  /** The program to run; it gets the job and the attempt as arguments. */
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** One log file an attempt is written here. */
  readonly logDirectory: string;
  /** Called once for each attempt that this process has started, however it ended. */
  readonly onEnd: (attempt: JobAttempt, how: string) => void;
}

/** Attempts as child processes. A handle is `pid:start`, so that a later process with the same number is not taken for it. */
export function openChildCompute({ entry, environment, logDirectory, onEnd }: ChildComputeOptions): Compute {
  mkdirSync(logDirectory, { recursive: true });
  return {
    async start(attempt) {
      const log = openSync(join(logDirectory, `${attempt.job}-${attempt.attempt}.log`), 'a');
      const child = spawn(process.execPath, [...process.execArgv, entry, attempt.job, `${attempt.attempt}`], {
        env: environment,
        stdio: ['ignore', log, log],
      });
      closeSync(log);
      child.once('error', (error) => onEnd(attempt, error.message));
      child.once('exit', (status, signal) => onEnd(attempt, signal === null ? `exit status ${status}` : `signal ${signal}`));
      return `${child.pid}:${await startTime(child.pid)}`;
    },
    async stop(handle) {
      const pid = Number(handle.split(':')[0]);
      if (await isAlive(handle)) process.kill(pid, 'SIGTERM');
    },
    state: async (handle) => ((await isAlive(handle)) ? 'alive' : 'ended'),
  };
}

async function isAlive(handle: string): Promise<boolean> {
  const [pid = '', start = ''] = handle.split(':');
  try {
    process.kill(Number(pid), 0);
  } catch {
    return false;
  }
  return start === (await startTime(Number(pid)));
}

/** When a process started, in clock ticks since the machine did; empty where the system has no /proc, where the number alone must do. */
async function startTime(pid: number | undefined): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold spaces; the start time is the 20th field after it. A zombie ("Z") has ended.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
}
