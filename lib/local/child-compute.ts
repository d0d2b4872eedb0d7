import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Compute, JobAttempt } from '../ports.ts';
import { isAlive, startTime } from './process-handle.ts';

export interface ChildComputeOptions {
  /** The program to run; it gets the job and the attempt as arguments. */
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** One log file an attempt is written here. */
  readonly logDirectory: string;
  /** How many attempts may run at once, those of earlier processes on the same folder among them. */
  readonly most: number;
  /** How long an attempt whose job was cancelled has to end, in milliseconds, before it is killed; default 5 s. */
  readonly graceMs?: number;
  /**
   * Called once for each attempt that this process has started, however it ended.
   * @param stopped whether `stopRunning` asked it to end
   */
  readonly onEnd: (attempt: JobAttempt, how: string, stopped: boolean) => Promise<void>;
}

export interface ChildCompute extends Compute {
  /** Attempts that this process has started and that have not ended. */
  readonly running: ReadonlySet<string>;
  /**
   * Asks all of them to hand their jobs on, kills those that have not ended after the time given, and waits until
   * `onEnd` has heard of each.
   * @param graceMs default 30 s: a worker that continues for 20 s hands its job on
   */
  stopRunning(graceMs?: number): Promise<void>;
}

const GRACE_MS = 5_000;
const HAND_OVER_MS = 30_000;
/** A job that found no room looks again after this time. */
const WAIT_SECONDS = 1;

/**
 * Attempts as child processes, each in a session of its own: a Ctrl-C or a hang-up of the terminal reaches none of
 * them. A handle is `pid:start`, so that a later process with the same number is not taken for it.
 */
export function openChildCompute(options: ChildComputeOptions): ChildCompute {
  const { entry, environment, logDirectory, most, graceMs = GRACE_MS, onEnd } = options;
  mkdirSync(logDirectory, { recursive: true });
  const running = new Set<string>();
  const children = new Map<ChildProcess, Promise<void>>();
  const stopped = new Set<ChildProcess>();

  function follow(child: ChildProcess, attempt: JobAttempt): void {
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (status, signal) => resolve(signal === null ? `exit status ${status}` : `signal ${signal}`));
    });
    const reported = ended.then(async (how) => {
      await onEnd(attempt, how, stopped.has(child));
      running.delete(nameOf(attempt));
      children.delete(child);
      stopped.delete(child);
    });
    children.set(child, reported);
  }

  return {
    running,
    async start(attempt) {
      const log = openSync(join(logDirectory, `${attempt.job}-${attempt.attempt}.log`), 'a');
      running.add(nameOf(attempt));
      const child = spawn(process.execPath, [...process.execArgv, entry, attempt.job, `${attempt.attempt}`], {
        env: environment,
        stdio: ['ignore', log, log],
        detached: true,
      });
      closeSync(log);
      follow(child, attempt);
      return `${child.pid}:${await startTime(child.pid)}`;
    },

    async stop(handle) {
      const deadline = performance.now() + graceMs;
      await signalProcess(handle, 'SIGTERM');
      while (performance.now() < deadline) {
        if (!(await isAlive(handle))) return;
        await wait(LOOKS_EVERY_MS);
      }
      // It does not listen: its event loop is blocked, or its work does not end.
      await signalProcess(handle, 'SIGKILL');
    },

    async stopRunning(handOverMs = HAND_OVER_MS) {
      for (const child of children.keys()) {
        stopped.add(child);
        child.kill('SIGTERM');
      }
      const killing = setTimeout(() => {
        for (const child of children.keys()) child.kill('SIGKILL');
      }, handOverMs);
      await Promise.all(children.values());
      clearTimeout(killing);
    },

    state: async (handle) => ((await isAlive(handle)) ? 'alive' : 'ended'),
    limit: async () => ({ pool: 'local', most, waitSeconds: WAIT_SECONDS }),
  };
}

const LOOKS_EVERY_MS = 50;

async function signalProcess(handle: string, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(handle))) return;
  try {
    process.kill(Number(handle.split(':')[0]), signal);
  } catch {
    // It has ended since.
  }
}

function nameOf({ job, attempt }: JobAttempt): string {
  return `${job}/${attempt}`;
}
