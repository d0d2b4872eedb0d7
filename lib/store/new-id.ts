import { randomUUID } from 'node:crypto';

/** Milliseconds until 5138; counting down from here makes the newest id the smallest, so that listings begin with it. */
const END_OF_TIME = 36 ** 9 - 1;

/**
 * An id that sorts newest first: `job-` + the time left, in base 36, + 10 random letters.
 * These letters need not be repeatable, so they come from the operating system and not from lib/random.ts.
 */
export function newId(kind: 'job' | 'mark' | 'upload', now: Date): string {
  return `${kind}-${newIdSuffix(now)}`;
}

/** What follows the kind in an id. */
export function newIdSuffix(now: Date): string {
  const inverted = (END_OF_TIME - now.getTime()).toString(36).padStart(9, '0');
  const random = BigInt(`0x${randomUUID().replaceAll('-', '').slice(-14)}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10);
  return `${inverted}-${random}`;
}
