import { readFile } from 'node:fs/promises';

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
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may contain spaces. The start time is the 20th field after it. A zombie ("Z") has exited.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
}
