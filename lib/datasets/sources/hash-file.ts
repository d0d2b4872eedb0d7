import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { RefusedFile, UploadFile } from '../../contracts/dataset.ts';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { refuse } from '../../contracts/refuse.ts';
import { tooLarge } from '../files/too-large.ts';
import type { FoundFile } from './walk-folder.ts';

/** A file to send. */
export interface SourceFile extends UploadFile {
  /** Path of the file on this machine. */
  readonly absolutePath: string;
}

/**
 * Reads a file and hashes it, unless it is too large to be sent. The size is the number of bytes that were read, because
 * the file may be growing.
 */
export async function hashFile({ path, absolutePath }: FoundFile): Promise<SourceFile | RefusedFile> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    const announced = tooLarge(path, (await stat(absolutePath)).size);
    if (announced !== undefined) return refuse(path, 'FILE_TOO_LARGE', announced);
    for await (const chunk of createReadStream(absolutePath)) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    const received = messageOf(error);
    return refuse(path, 'FILE_UNREADABLE', { expected: 'a readable file', received, fix: 'change its permissions' });
  }
  const grown = tooLarge(path, size);
  return grown === undefined ? { path, size, sha256: hash.digest('hex'), absolutePath } : refuse(path, 'FILE_TOO_LARGE', grown);
}
