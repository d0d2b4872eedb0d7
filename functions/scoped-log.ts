import type { Log } from '../lib/ports.ts';

/** The same log with these values on every line: of one job, its id. */
export function scopedLog(log: Log, scope: Readonly<Record<string, unknown>>): Log {
  return (event, values = {}) => log(event, { ...scope, ...values });
}
