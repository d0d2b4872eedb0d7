import { readFileSync, writeFileSync } from 'node:fs';

/** Resident bytes of a process: now, and the most since `forgetPeak`. Linux alone keeps both. @throws Error elsewhere */
export function processMemory(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { now: field('VmRSS'), peak: field('VmHWM') };

  function field(name: string): number {
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  }
}

/** Resets the peak, as proc(5) has it of `clear_refs`. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
