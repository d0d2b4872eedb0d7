import type { ErrorDetail } from '../../contracts/errors/error-detail.ts';
import { mostBytes } from '../../contracts/upload-files.ts';

/** Says why a file of an upload is too large (FILE_TOO_LARGE). @returns undefined if it is not */
export function tooLarge(path: string, size: number): ErrorDetail | undefined {
  const most = mostBytes(path);
  return size > most ? { expected: `at most ${most} bytes`, received: size, fix: 'make it smaller' } : undefined;
}
