import { type FileHandle, open, stat } from 'node:fs/promises';
import { MAX_IMAGE_BYTES } from '../../lib/contracts/upload-files.ts';
import { DataError, NotFoundError } from '../../lib/errors.ts';
import { acceptedFormats, imageFormat } from '../../lib/images/image-format.ts';

/** Bytes that tell the format. */
const HEAD_BYTES = 512;

/**
 * Reads an image file. An agent names the path, so no other content leaves this function: a file that is no image is
 * refused by its first bytes, and an error says nothing of its content.
 * @returns the bytes of the file
 * @throws NotFoundError FILE_NOT_FOUND; DataError IMAGE_EMPTY, IMAGE_FORMAT_UNSUPPORTED, FILE_TOO_LARGE
 */
export async function readImage(path: string): Promise<Uint8Array> {
  // Opening a pipe would wait for its writer.
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw notFound(path, cause.code, cause);
  });
  if (!found.isFile()) throw notFound(path, found.isDirectory() ? 'a folder' : 'no regular file');
  if (found.size > MAX_IMAGE_BYTES) throw tooLarge(path, found.size);
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw notFound(path, cause.code, cause);
  });
  try {
    await checkFormat(path, file);
    return await readAll(path, file);
  } finally {
    await file.close();
  }
}

/** Whatever the size that the system reports: files of /proc have the size 0, and content. */
async function checkFormat(path: string, file: FileHandle): Promise<void> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES), position: 0 });
  if (bytesRead === 0 || imageFormat(buffer.subarray(0, bytesRead)).accepted) return;
  throw new DataError('IMAGE_FORMAT_UNSUPPORTED', {
    at: path,
    expected: acceptedFormats,
    received: 'another file',
    fix: 'name an image file, or convert it',
  });
}

/** Reads no more than one byte above the limit: a file may be longer than its size said, or grow. */
async function readAll(path: string, file: FileHandle): Promise<Uint8Array> {
  const chunks: Buffer[] = await file.createReadStream({ start: 0, end: MAX_IMAGE_BYTES, autoClose: false }).toArray();
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MAX_IMAGE_BYTES) throw tooLarge(path, `${bytes.length} or more`);
  return bytes;
}

function tooLarge(at: string, received: number | string): DataError {
  const fix = 'make it smaller';
  return new DataError('FILE_TOO_LARGE', { at, expected: `at most ${MAX_IMAGE_BYTES} bytes`, received, fix });
}

function notFound(at: string, received: string | undefined, cause?: unknown): NotFoundError {
  return new NotFoundError('FILE_NOT_FOUND', { at, expected: 'an image file', received, fix: 'check the path', cause });
}
