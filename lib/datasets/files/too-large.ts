import type { ErrorDetail } from '../../contracts/errors/error-detail.ts';
import { mostBytes } from '../../contracts/upload-files.ts';

/** Says why a file of a data set is too large (FILE_TOO_LARGE), by its path. @returns undefined if it is not */
export function tooLarge(path: string, size: number): ErrorDetail | undefined {
  return largerThan(mostBytes(path), size);
}

/** Says why a file of at most `most` bytes is too large (FILE_TOO_LARGE). @returns undefined if it is not */
export function largerThan(most: number, size: number): ErrorDetail | undefined {
  return size > most ? { expected: `at most ${most} bytes`, received: size, fix: 'make it smaller' } : undefined;
}
