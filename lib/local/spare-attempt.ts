/**
 * A process that loads the modules of attempts before there is an attempt. This module imports hardly anything of
 * Graft at run time, so that a worker can start that process before it loads its own modules.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobAttempt } from '../ports.ts';
import { isRunning } from './process-handle.ts';

export interface SpareAttemptOptions {
  /** The program to run. Its argument is its log file. It gets its attempt as an IPC message, and answers with one. */
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder for log files, which exists. */
  readonly logDirectory: string;
  /** Bytes of memory that must be available. Default: 1 GiB. */
  readonly leastMemory?: number;
  /** Milliseconds that the process has to answer. Default: 10 s. */
  readonly answerMs?: number;
}

/** A process for one attempt. Until it has that attempt, it ends with this process, and does not keep it running. */
export interface SpareAttempt {
  /**
   * Gives the attempt to the process, whose output then goes to `log`.
   * @param log the file does not exist yet; otherwise the process stays unused
   * @returns undefined if the process cannot take the attempt, and will not
   */
  assign(attempt: JobAttempt, log: string): Promise<ChildProcess | undefined>;
  /** Ends the process if it has no attempt, and waits for its end. */
  end(): Promise<void>;
}

const LEAST_MEMORY = 2 ** 30;
/** A process that still loads its modules answers within two seconds, also on a slow machine. */
const ANSWER_MS = 10_000;

/** Starts the process in a session of its own. @returns undefined if there is no memory or no process for it */
export function startSpareAttempt(options: SpareAttemptOptions): SpareAttempt | undefined {
  const { entry, environment, logDirectory, leastMemory = LEAST_MEMORY, answerMs = ANSWER_MS } = options;
  if (process.availableMemory() < leastMemory) return undefined;
  const spareLog = join(logDirectory, `spare-${randomUUID()}.log`);
  const started = start(entry, environment, spareLog);
  if (started === undefined) return undefined;
  let waiting: ChildProcess | undefined = started;
  const ended = new Promise<void>((resolve) => {
    started.once('exit', () => resolve());
    // No process was started, or it cannot be reached.
    started.on('error', () => {
      if (started.pid === undefined) resolve();
    });
  });
  void ended.then(() => {
    if (waiting !== undefined) removeQuietly(spareLog);
    waiting = undefined;
  });

  const kill = async (): Promise<void> => {
    started.kill('SIGKILL');
    await ended;
  };

  return {
    async assign(attempt, log) {
      if (waiting === undefined || existsSync(log)) return undefined;
      waiting = undefined;
      if (moveFile(spareLog, log) && (await give(started, attempt, answerMs)) && isRunning(started)) {
        if (started.connected) started.disconnect();
        return started;
      }
      // Once dead, it cannot work on the attempt beside the process that gets it instead. So this waits, however long.
      await kill();
      removeQuietly(spareLog);
      return undefined;
    },
    async end() {
      if (waiting !== undefined) await kill();
    },
  };
}

function start(entry: string, environment: NodeJS.ProcessEnv, spareLog: string): ChildProcess | undefined {
  let log: number | undefined;
  try {
    log = openSync(spareLog, 'a');
    const child = spawn(process.execPath, [...process.execArgv, entry, spareLog], {
      env: environment,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    child.unref();
    child.channel?.unref();
    return child;
  } catch {
    if (log !== undefined) removeQuietly(spareLog);
    return undefined;
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** A log that stays harms nobody. */
function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // For example because the disk fails.
  }
}

function moveFile(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** @returns whether the process has the attempt: one that dies before its answer may not have read it */
async function give(child: ChildProcess, { job, attempt }: JobAttempt, answerMs: number): Promise<boolean> {
  child.ref();
  child.channel?.ref();
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), answerMs);
    const settle = (isGiven: boolean) => {
      clearTimeout(late);
      resolve(isGiven);
    };
    child.once('message', () => settle(true));
    child.once('exit', () => settle(false));
    try {
      child.send({ job, attempt }, (error) => {
        if (error) settle(false);
      });
    } catch {
      settle(false);
    }
  });
}
