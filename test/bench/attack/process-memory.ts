import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Returns the resident bytes of a process: now, and the peak since `resetPeak`.
 * @throws Error except on Linux, which alone reports both
 */
export function processMemory(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { now: field('VmRSS'), peak: field('VmHWM') };

  function field(name: string): number {
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  }
}

/** Resets the peak through `clear_refs`; see proc(5). */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
