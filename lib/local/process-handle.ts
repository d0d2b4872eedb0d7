import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Whether a child process was started and has not ended, as far as this process knows. */
export function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/** Checks whether the process with a handle `pid:start` exists and is not a zombie. */
export async function isAlive(handle: string): Promise<boolean> {
  const [pid = '', start = ''] = handle.split(':');
  try {
    process.kill(Number(pid), 0);
  } catch {
    return false;
  }
  return start === (await startTime(Number(pid)));
}

/**
 * Returns the start time of a process, in clock ticks since boot. Empty without /proc, where only the process id
 * identifies the process.
 */
export async function startTime(pid: number | undefined): Promise<string> {
  const fields = await readStatus(pid);
  // A zombie ("Z") has exited.
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
}

/** Whether the process with a handle is stopped, by SIGSTOP or a debugger. Unknown without /proc: false then. */
export async function isStopped(handle: string): Promise<boolean> {
  const [state] = await readStatus(Number(handle.split(':')[0]));
  return state === 'T' || state === 't';
}

/** The fields of a process's status after its name, which stands in parentheses and may contain spaces: first its state. */
async function readStatus(pid: number | undefined): Promise<string[]> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status.slice(status.lastIndexOf(')') + 2).split(' ');
}
