import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../ports.ts';
import { isMissing } from './store-errors.ts';

/** Days that the log of an attempt stays after its last line: as long as the events of its job. */
export const LOG_DAYS = 90;
const DAY_MS = 86_400_000;
/** Of an attempt, or of a process that was started ahead for one and never got it; not that of the workers. */
const ATTEMPT_LOG = /^(job|spare)-.+\.log$/;

/**
 * Deletes the logs of attempts in which nothing was written for `LOG_DAYS`.
 * @param folder of the logs; it may be missing
 * @returns the number of deleted files
 */
export async function sweepLogs(folder: string, clock: Clock): Promise<number> {
  const oldest = clock.now().getTime() - LOG_DAYS * DAY_MS;
  const names = await readdir(folder).catch(unlessMissing([]));
  let swept = 0;
  for (const name of names.filter((one) => ATTEMPT_LOG.test(one))) {
    const file = join(folder, name);
    const writtenAt = await stat(file).then(({ mtimeMs }) => mtimeMs, unlessMissing(Infinity));
    if (writtenAt >= oldest) continue;
    await rm(file, { force: true });
    swept++;
  }
  return swept;
}

function unlessMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isMissing(error)) return value;
    throw error;
  };
}
