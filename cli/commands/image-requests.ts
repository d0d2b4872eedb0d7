import { readFile, stat } from 'node:fs/promises';
import type { ImageInput } from '../../lib/client/model-methods.ts';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import { isS3Address } from '../../lib/contracts/object-address.ts';
import { DataError, NotFoundError } from '../../lib/errors.ts';

/** The most images per request, which also stays below the limit of API Gateway. */
const IMAGES_A_REQUEST = 32;
const BYTES_A_REQUEST = 4 * 2 ** 20;

/**
 * Groups images into requests.
 * @param read reads an image that is not in S3
 */
export async function* requests(
  images: Iterable<string> | AsyncIterable<string>,
  most: number = IMAGES_A_REQUEST,
  read: (path: string) => Promise<Uint8Array> = readImageFile,
): AsyncGenerator<ImageInput[]> {
  yield* inGroups(readImages(images, read), most);
}

async function* readImages(
  names: Iterable<string> | AsyncIterable<string>,
  read: (path: string) => Promise<Uint8Array>,
): AsyncGenerator<ImageInput> {
  for await (const name of names) yield isS3Address(name) ? { name, uri: name } : { name, bytes: await read(name) };
}

/** Groups what is sent in one request, and what has no bytes. */
export async function* inGroups<Item extends object>(
  items: AsyncIterable<Item>,
  most: number = IMAGES_A_REQUEST,
): AsyncGenerator<Item[]> {
  let group: Item[] = [];
  let size = 0;
  for await (const item of items) {
    const bytes = 'bytes' in item && item.bytes instanceof Uint8Array ? item.bytes.length : 0;
    if (group.length === most || (group.length > 0 && size + bytes > BYTES_A_REQUEST)) {
      yield group;
      group = [];
      size = 0;
    }
    group.push(item);
    size += bytes;
  }
  if (group.length > 0) yield group;
}

/**
 * Reads an image file that a request can send.
 * @throws NotFoundError FILE_NOT_FOUND; DataError FILE_UNREADABLE, IMAGE_EMPTY, FILE_TOO_LARGE
 */
export async function readImageFile(path: string): Promise<Uint8Array> {
  // A large file is refused before its bytes are in memory.
  const { size } = await stat(path).catch((cause) => unreadable(path, cause));
  checkLargest(path, size);
  const bytes = await readFile(path).catch((cause) => unreadable(path, cause));
  checkSize(path, bytes.length);
  return bytes;
}

/** Checks what no request can send, so that the error is that of the image. @throws DataError IMAGE_EMPTY, FILE_TOO_LARGE */
export function checkSize(at: string, bytes: number): void {
  checkLargest(at, bytes);
  if (bytes > 0) return;
  throw new DataError('IMAGE_EMPTY', {
    at,
    expected: 'an image',
    received: 'a file of 0 bytes',
    fix: 'export or copy it again',
  });
}

function checkLargest(at: string, bytes: number): void {
  if (bytes <= BYTES_A_REQUEST) return;
  throw new DataError('FILE_TOO_LARGE', {
    at,
    expected: `at most ${BYTES_A_REQUEST} bytes in a request`,
    received: bytes,
    fix: 'make it smaller, or import it into a data set and predict that: graft predict-batch REF DATASET',
  });
}

function unreadable(at: string, cause: NodeJS.ErrnoException): never {
  const { code: received = messageOf(cause) } = cause;
  const expected = 'an image file';
  if (received === 'ENOENT') throw new NotFoundError('FILE_NOT_FOUND', { at, expected, received, fix: 'check the path', cause });
  throw new DataError('FILE_UNREADABLE', { at, expected, received, fix: 'check the path and its permissions', cause });
}
