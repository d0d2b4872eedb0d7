import type { RefusedFile } from '../../contracts/dataset.ts';
import type { ErrorDetail } from '../../contracts/error-detail.ts';
import { DataError } from '../../errors.ts';

/** Larger files are refused unread, so that a video among the photographs does not fill the memory. */
export const MAX_IMAGE_BYTES = 64 * 2 ** 20;

const junkNames = new Set(['__macosx', '.ds_store', 'thumbs.db', 'ehthumbs.db', 'desktop.ini']);

/** Whether an operating system left this file, rather than a person: Finder's and Explorer's own, and AppleDouble's `._*`. */
export function isOsJunk(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('._') || junkNames.has(part.toLowerCase()));
}

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
