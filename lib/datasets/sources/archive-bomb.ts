import { DataError } from '../../errors.ts';

/** @param at the archive, or the file in it that is too much */
export function archiveBomb(at: string): DataError {
  const fix = 'unpack it yourself, and look at what it holds';
  return new DataError('ARCHIVE_BOMB', { at, expected: 'files about as large as their archive', fix });
}
