import { DataError } from '../errors.ts';
import type { RefusedFile } from './dataset.ts';
import type { ErrorDetail } from './errors/error-detail.ts';

export const osJunk = reasonFor('OS_JUNK', {
  expected: 'an image',
  received: 'a file that the operating system keeps beside images',
});

/** The reason why a file is refused, with the message of an error; the caller adds `path`. */
export function reasonFor(code: string, detail: ErrorDetail): Omit<RefusedFile, 'path'> {
  return { code, message: new DataError(code, detail).message };
}

export function refuse(path: string, code: string, detail: ErrorDetail): RefusedFile {
  return { path, ...reasonFor(code, detail) };
}
