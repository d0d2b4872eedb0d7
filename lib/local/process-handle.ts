import { type ChildProcess, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface ProcessStatus {
  /** As /proc and ps write it: `Z` is a zombie, `T` is stopped. */
  readonly state: string;
  /** The time at which the process started: clock ticks since boot from /proc, seconds since 1970 from ps. */
  readonly start: string;
}

/** Reads the status of a process. @returns undefined if it is unknown, or there is no such process */
export type StatusReader = (pid: number) => Promise<ProcessStatus | undefined>;

/** Whether a child process was started and has not ended, as far as this process knows. */
export function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/**
 * Returns the handle `pid:start` of a process. The start time detects a reused process id, also after a reboot; it is
 * empty if it is unknown.
 */
export async function handleOf(pid: number, read: StatusReader = readStatus): Promise<string> {
  return `${pid}:${(await read(pid))?.start ?? ''}`;
}

/**
 * Returns the state of the process with a handle.
 * @returns `stopped`: by SIGSTOP or a debugger. `unknown`: a process has this id, and it may be another one, because the
 *   start time of one of them is unknown
 */
export async function processState(
  handle: string,
  read: StatusReader = readStatus,
): Promise<'alive' | 'stopped' | 'ended' | 'unknown'> {
  const { pid, start } = parseHandle(handle);
  try {
    process.kill(pid, 0);
  } catch {
    return 'ended';
  }
  const status = await read(pid);
  if (status === undefined || start === '') return 'unknown';
  // A zombie has exited.
  if (status.start !== start || status.state === 'Z') return 'ended';
  return status.state.toUpperCase() === 'T' ? 'stopped' : 'alive';
}

/**
 * Sends a signal to the process with a handle, unless it has ended or may be another one.
 * @returns whether it was sent
 */
export async function signalProcess(handle: string, signal: NodeJS.Signals, read: StatusReader = readStatus): Promise<boolean> {
  const state = await processState(handle, read);
  if (state !== 'alive' && state !== 'stopped') return false;
  try {
    return process.kill(parseHandle(handle).pid, signal);
  } catch {
    // The process has exited in the meantime.
    return false;
  }
}

function parseHandle(handle: string): { readonly pid: number; readonly start: string } {
  const [pid = '', start = ''] = handle.split(':');
  return { pid: Number(pid), start };
}

const readStatus: StatusReader = (pid) => (existsSync('/proc/self/stat') ? readProc(pid) : readPs(pid));

const readProc: StatusReader = async (pid) => {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // After the name, which stands in parentheses and may contain spaces.
  const fields = status?.slice(status.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state, start] = [fields[0], fields[19]];
  return state === undefined || start === undefined ? undefined : { state, start };
};

/** For systems without /proc, such as macOS. `lstart` has the same words whatever the user's language and time zone. */
export const readPs: StatusReader = async (pid) => {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const ps = promisify(execFile)('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', `${pid}`], { env, timeout: PS_MS });
  const line = await ps.then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  const [, state, date] = /^(\S)\S*\s+(.+)$/.exec(line) ?? [];
  const started = Date.parse(`${date} UTC`);
  return state === undefined || Number.isNaN(started) ? undefined : { state, start: `${started / 1000}` };
};

const PS_MS = 5_000;
