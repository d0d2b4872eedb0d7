import type { Log } from '../lib/ports.ts';

/** A log that adds these values to every line, such as the id of a job. */
export function scopedLog(log: Log, scope: Readonly<Record<string, unknown>>): Log {
  return (event, values = {}) => log(event, { ...scope, ...values });
}
