import { DataError } from '../../errors.ts';

/** Something in an archive. */
export interface ArchiveEntry {
  /** As the archive writes it, with "/". */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'encrypted' | 'other';
  /** Bytes, as the archive announces them. */
  readonly size: number;
  /** CRC-32 of the bytes, where the archive has it. */
  readonly crc32?: number;
  /** The bytes, before the next entry is asked for. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** @param at the archive, or the file in it that is too much */
export function archiveBomb(at: string): DataError {
  const fix = 'unpack it yourself, and look at what it holds';
  return new DataError('ARCHIVE_BOMB', { at, expected: 'files about as large as their archive', fix });
}
