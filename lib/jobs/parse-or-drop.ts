import type { z } from 'zod';
import { errorJson } from '../errors.ts';
import type { Log } from '../ports.ts';

/**
 * Parses a value that a worker adds to the record or the events of its job. A value that does not fit, such as one with
 * NaN, is dropped and logged: written, it would make the whole document unreadable, and it matters less than the work.
 * @param event that is logged then
 * @returns undefined if the value was dropped
 */
export function parseOrDrop<Schema extends z.ZodType>(
  schema: Schema,
  value: z.input<Schema>,
  event: string,
  log: Log,
): z.output<Schema> | undefined {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  log(event, { error: errorJson(error) });
  return undefined;
}
