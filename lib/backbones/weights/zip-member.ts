import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { fromBufferPromise, openPromise } from 'yauzl';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { DataError } from '../../errors.ts';

const MAX_ENTRIES = 10_000;

/** A file inside a zip archive. */
export interface ZipMember {
  /** A path, or the archive's bytes. */
  readonly source: string | Uint8Array;
  /** Size of the archive in bytes. */
  readonly size: number;
  /** Name of the file in the archive. */
  readonly name: string;
  /** Creates the error for a missing file from the names of the files in the archive. */
  readonly absent: (names: readonly string[]) => DataError;
}

/**
 * Reads a weight file from a zip archive and verifies its size and checksum.
 * @throws DataError WEIGHTS_UNREADABLE for a damaged or suspicious archive, and the error of `absent`
 */
export async function readZipMember(member: ZipMember): Promise<Uint8Array> {
  const { source, size, name } = member;
  const archive = await open(source).catch((cause: unknown) => Promise.reject(damaged(name, cause)));
  try {
    const entry = await find(archive, member);
    // Weights hardly compress: a file that grows many times over is a zip bomb.
    if (entry.uncompressedSize > 2 * size + 2 ** 20) {
      throw unreadable(name, `at most twice the ${size} bytes of the archive`, `${entry.uncompressedSize} bytes`);
    }
    return await unpack(archive, entry).catch((cause: unknown) => Promise.reject(damaged(name, cause)));
  } finally {
    archive.close();
  }
}

function open(source: string | Uint8Array): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false };
  if (typeof source === 'string') return openPromise(source, options);
  return fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.length), options);
}

async function find(archive: ZipFile, { name, absent }: ZipMember): Promise<Entry> {
  const names: string[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName === name) return entry;
      names.push(entry.fileName);
      if (names.length === MAX_ENTRIES) break;
    }
  } catch (cause) {
    throw damaged(name, cause);
  }
  throw absent(names);
}

async function unpack(archive: ZipFile, entry: Entry): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  for await (const chunk of await archive.openReadStreamPromise(entry)) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes gave something else');
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (crc32(bytes) !== entry.crc32) throw unreadable(entry.fileName, 'the checksum that the archive gives', 'another');
  return bytes;
}

function damaged(name: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  return unreadable(name, 'a whole archive', messageOf(cause), cause);
}

function unreadable(at: string, expected: string, received: string, cause?: unknown): DataError {
  const fix = 'download the file again, or save the model again';
  return new DataError('WEIGHTS_UNREADABLE', { at, expected, received, cause, fix });
}
