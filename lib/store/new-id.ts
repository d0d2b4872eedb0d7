import { randomUUID } from 'node:crypto';

/**
 * Milliseconds until the year 5138. Counting down from here gives newer ids smaller values, so that listings start with
 * the newest.
 */
const END_OF_TIME = 36 ** 9 - 1;

/**
 * Creates an id that sorts newest first: `job-`, the inverted time in base 36, and 10 random characters. The characters
 * need not be reproducible, so they come from the operating system and not from lib/random.ts.
 */
export function newId(kind: 'job' | 'mark' | 'upload', now: Date): string {
  return `${kind}-${newIdSuffix(now)}`;
}

/** Creates the part of an id after its kind. */
export function newIdSuffix(now: Date): string {
  const inverted = (END_OF_TIME - now.getTime()).toString(36).padStart(9, '0');
  const random = BigInt(`0x${randomUUID().replaceAll('-', '').slice(-14)}`)
    .toString(36)
    .padStart(10, '0')
    .slice(-10);
  return `${inverted}-${random}`;
}
