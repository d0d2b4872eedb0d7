import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../lib/local/process-handle.ts';
import { isWorkerAtWork } from '../../lib/local/worker-lock.ts';
import { moduleFile } from '../../lib/module-file.ts';

const detachedWorker = moduleFile('./detached-worker', import.meta.url);
/** A worker that has not taken the folder's lock after this time hangs. */
const MS_TO_START = 10_000;

/** Starts detached workers on a data folder. */
export interface WorkerStarter {
  /**
   * Starts a worker, which exits if another one is running; not if a worker of this process waits for work. Call it
   * after the message is in the queue. If the system has no process for the worker, a command that waits starts one
   * later.
   */
  wake(): void;
  /**
   * Starts a worker that loads its modules while this process prepares work, unless one is running. The worker does not
   * exit before this process has called the returned function, or has ended.
   */
  prepare(): () => void;
  /**
   * Announces a job. Until the returned function is called, workers of this process do not exit. Those that it starts
   * load the modules of an attempt too, and keep images of an import for it.
   */
  expectJob(): () => void;
  /** Whether a worker is at work, or one that this process started may still be loading its modules. */
  hasWorker(): boolean;
}

/** @param entry the program of a worker */
export function openWorkerStarter(directory: string, entry = detachedWorker): WorkerStarter {
  let expectations = 0;
  let expectedJobs = 0;
  let last: { readonly worker: ChildProcess; readonly since: number } | undefined;
  /** Workers that do not exit, because this process keeps their channel open. */
  const waiting = new Set<ChildProcess>();

  function isStarting(): boolean {
    return last !== undefined && isRunning(last.worker) && performance.now() - last.since < MS_TO_START;
  }

  /** As far as can be told: a worker that finds another one exits. */
  function isAtWork(): boolean {
    try {
      return isWorkerAtWork(directory);
    } catch {
      // An error here would end the command, whose job may be submitted.
      return false;
    }
  }

  function hasWorker(): boolean {
    return isStarting() || isAtWork();
  }

  function isWaiting(): boolean {
    return [...waiting].some((worker) => worker.connected && isRunning(worker)) && hasWorker();
  }

  function start(expectsJob: boolean): void {
    const worker = startWorker(entry, directory, { expectsJob, waits: expectations > 0 });
    if (worker === undefined) return;
    last = { worker, since: performance.now() };
    if (expectations === 0) return;
    waiting.add(worker);
    worker.once('exit', () => waiting.delete(worker));
  }

  function expect(jobs: number): () => void {
    expectations++;
    expectedJobs += jobs;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      expectedJobs -= jobs;
      expectations--;
      if (expectations > 0) return;
      for (const worker of waiting) if (worker.connected) worker.disconnect();
      waiting.clear();
    };
  }

  return {
    wake() {
      if (isWaiting()) return;
      // Where another worker is at work, a spare process would have nothing to do, unless that one is ending.
      start(expectedJobs > 0 && !isAtWork());
    },
    prepare() {
      const release = expect(0);
      if (!isWaiting() && !isAtWork()) start(expectedJobs > 0);
      return release;
    },
    expectJob: () => expect(1),
    hasWorker,
  };
}

/** @returns undefined if the system has no process for it */
function startWorker(
  entry: string,
  directory: string,
  { expectsJob, waits }: { readonly expectsJob: boolean; readonly waits: boolean },
): ChildProcess | undefined {
  const log = openLog(directory);
  try {
    const worker = spawn(process.execPath, [...process.execArgv, entry, ...(expectsJob ? ['--job'] : [])], {
      detached: true,
      env: { ...process.env, GRAFT_DATA_DIR: directory },
      stdio: ['ignore', log ?? 'ignore', log ?? 'ignore', ...(waits ? (['ipc'] as const) : [])],
    });
    // Without a listener, the error would end the command, whose job is already submitted.
    worker.on('error', () => {});
    worker.unref();
    worker.channel?.unref();
    return worker;
  } catch {
    // Node emits some errors of the system, and throws the others, such as ENOMEM.
    return undefined;
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
