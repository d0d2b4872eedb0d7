import type { RefusedFile } from '../contracts/dataset.ts';
import { DataError, type ErrorDetail } from '../errors.ts';

/** Why a file is not taken, in the words of an error; `path` is added where the file is known. */
export function reasonFor(code: string, detail: ErrorDetail): Omit<RefusedFile, 'path'> {
  return { code, message: new DataError(code, detail).message };
}

export function refuse(path: string, code: string, detail: ErrorDetail): RefusedFile {
  return { path, ...reasonFor(code, detail) };
}
