import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { DataError } from '../../errors.ts';
import type { SourceFile } from './hash-file.ts';

/**
 * Reads a file and checks that it is still the listed one. The store is not to have other bytes under its hash, because
 * the import does not hash content that an earlier import has checked.
 * @throws DataError FILE_CHANGED, also if the file is gone or not readable any more
 */
export async function readListed({ path, sha256, absolutePath }: SourceFile): Promise<Uint8Array> {
  const expected = `SHA-256 ${sha256}`;
  const fix = 'import again while nothing writes to the folder';
  const bytes = await readFile(absolutePath).catch((cause: unknown) => {
    throw new DataError('FILE_CHANGED', { at: path, expected, received: messageOf(cause), fix, cause });
  });
  const received = createHash('sha256').update(bytes).digest('hex');
  if (received === sha256) return bytes;
  throw new DataError('FILE_CHANGED', { at: path, expected, received, fix });
}
