import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../contracts/errors/message-of.ts';
import { CapacityError } from '../errors.ts';
import type { Compute, JobAttempt } from '../ports.ts';
import { handleOf, processState, type StatusReader, signalProcess } from './process-handle.ts';
import { requireRoom, requireTemporaryRoom } from './require-room.ts';
import type { SpareAttempt } from './spare-attempt.ts';

export interface ChildComputeOptions {
  /** The program to run. Its arguments are the job and the attempt. */
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder for log files, one per attempt. */
  readonly logDirectory: string;
  /** Maximum number of concurrent attempts, including those started by earlier processes in the same folder. */
  readonly most: number;
  /** A process that was started ahead, for the first attempt. `stopRunning` ends it if it is unused. */
  readonly spare?: SpareAttempt | undefined;
  /** Milliseconds that an attempt of a cancelled job has to exit before it is killed. Default: 5 s. */
  readonly graceMs?: number;
  /** Bytes that must be free on the disk, and in the temporary folder, for an attempt to start. Default: 64 MiB. */
  readonly leastFreeBytes?: number;
  /** Reads the status of a process of a handle. Default: from /proc, or from ps where that is missing. */
  readonly readStatus?: StatusReader;
  /**
   * Called once for each attempt that this process started, however it ended.
   * @param stopped whether `stopRunning` stopped it
   */
  readonly onEnd: (attempt: JobAttempt, how: string, stopped: boolean) => Promise<void>;
}

export interface ChildCompute extends Compute {
  /**
   * Starts a process for an attempt.
   * @throws CapacityError PROCESS_UNAVAILABLE, retryable, if the system has no process, memory or file for it
   */
  start(attempt: JobAttempt): Promise<string>;
  /**
   * @throws CapacityError STORE_FULL, retryable, if the disk has no room for the results of an attempt, or the temporary
   * folder none for its features
   */
  requireRoom(): Promise<void>;
  /** Attempts that this process started and that are still running. */
  readonly running: ReadonlySet<string>;
  /**
   * Stops all attempts so that other workers can continue their jobs. Kills those that do not exit in time, and waits
   * until `onEnd` has finished for each.
   * @param graceMs default 30 s, because a worker hands over its job within 20 s
   */
  stopRunning(graceMs?: number): Promise<void>;
}

const GRACE_MS = 5_000;
/** An attempt writes at least a trunk, a model and its reports: 40 MB with the default backbone. */
const LEAST_FREE_BYTES = 64 * 2 ** 20;
const HAND_OVER_MS = 30_000;
/** A job that has to wait for a free slot tries again after this time. */
const WAIT_SECONDS = 1;

/**
 * Runs attempts as child processes, each in its own session, so that Ctrl-C or a hang-up of the terminal does not stop
 * them. The handle of an attempt is that of its process.
 */
export function openChildCompute(options: ChildComputeOptions): ChildCompute {
  const { entry, environment, logDirectory, most, spare, readStatus, onEnd } = options;
  const { graceMs = GRACE_MS, leastFreeBytes = LEAST_FREE_BYTES } = options;
  mkdirSync(logDirectory, { recursive: true });
  const running = new Set<string>();
  const children = new Map<ChildProcess, Promise<void>>();
  const stopped = new Set<ChildProcess>();
  /** Not in `children` yet. */
  let assigning: Promise<ChildProcess | undefined> | undefined;

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

  /** @returns the process, without a `pid` if it emits an error instead of starting */
  function spawnAttempt(attempt: JobAttempt, logFile: string): ChildProcess {
    let log: number | undefined;
    try {
      log = openSync(logFile, 'a');
      return spawn(process.execPath, [...process.execArgv, entry, attempt.job, `${attempt.attempt}`], {
        env: environment,
        stdio: ['ignore', log, log],
        detached: true,
      });
    } catch (error) {
      throw processUnavailable(error);
    } finally {
      if (log !== undefined) closeSync(log);
    }
  }

  return {
    running,
    // An attempt that finds a full disk would be lost, and a job has three.
    async requireRoom() {
      await requireRoom(logDirectory, leastFreeBytes);
      await requireTemporaryRoom(tmpdir(), leastFreeBytes);
    },
    async start(attempt) {
      const log = join(logDirectory, `${attempt.job}-${attempt.attempt}.log`);
      running.add(nameOf(attempt));
      let child: ChildProcess;
      try {
        assigning = spare?.assign(attempt, log);
        child = (await assigning) ?? spawnAttempt(attempt, log);
        // Node emits some errors of the system, such as EAGAIN, and throws the others, such as ENOMEM.
        if (child.pid === undefined) throw processUnavailable((await once(child, 'error'))[0]);
      } catch (error) {
        running.delete(nameOf(attempt));
        throw error;
      }
      follow(child, attempt);
      return handleOf(child.pid, readStatus);
    },

    async stop(handle) {
      const deadline = performance.now() + graceMs;
      // A process that may be a stranger's is left alone: a worker finds that its job was cancelled, or replaced.
      if (!(await signalProcess(handle, 'SIGTERM', readStatus))) return;
      while (performance.now() < deadline) {
        if ((await processState(handle, readStatus)) === 'ended') return;
        await wait(LOOKS_EVERY_MS);
      }
      // The process does not respond: its event loop is blocked, or its work does not end.
      await signalProcess(handle, 'SIGKILL', readStatus);
    },

    async stopRunning(handOverMs = HAND_OVER_MS) {
      await assigning?.catch(() => undefined);
      const unused = spare?.end();
      for (const child of children.keys()) {
        stopped.add(child);
        child.kill('SIGTERM');
      }
      const killing = setTimeout(() => {
        for (const child of children.keys()) child.kill('SIGKILL');
      }, handOverMs);
      await Promise.all([unused, ...children.values()]);
      clearTimeout(killing);
    },

    async state(handle) {
      const state = await processState(handle, readStatus);
      // A stopped process may never go on, so its lease decides.
      if (state === 'stopped') return 'unknown';
      // One that may be a stranger's counts as alive until its attempt has been silent for so long that it hangs.
      return state === 'unknown' ? 'alive' : state;
    },
    limit: async () => ({ pool: 'local', most, waitSeconds: WAIT_SECONDS }),
  };
}

const LOOKS_EVERY_MS = 50;

/** Creates the error for a system at one of its limits: the attempt has done nothing, so it is no lost one. */
function processUnavailable(error: unknown): CapacityError {
  return new CapacityError('PROCESS_UNAVAILABLE', {
    expected: 'a process for the attempt',
    received: messageOf(error),
    fix: 'end other programs, or raise the limits of processes, memory and open files: the job tries again',
    retryable: true,
    cause: error,
  });
}

function nameOf({ job, attempt }: JobAttempt): string {
  return `${job}/${attempt}`;
}
