import { readFile } from 'node:fs/promises';

/** Whether the process that a handle, `pid:start`, names is there and no zombie. */
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
 * When a process started, in clock ticks since the machine did; empty where the system has no /proc, where the number
 * alone must do.
 */
export async function startTime(pid: number | undefined): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold spaces; the start time is the 20th field after it. A zombie ("Z") has ended.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
}
