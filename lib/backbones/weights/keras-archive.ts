import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { fromBufferPromise, openPromise } from 'yauzl';
import { DataError } from '../../errors.ts';

const WEIGHTS = 'model.weights.h5';
const MAX_ENTRIES = 10_000;

/**
 * The HDF5 file of weights inside a `.keras` archive, whole and with the checksum that the archive gives.
 * @param source a path, or the archive's bytes
 * @param size of the archive, in bytes
 * @throws DataError WEIGHTS_NOT_KERAS for another zip file; WEIGHTS_UNREADABLE for a damaged or suspicious one
 */
export async function unpackWeights(source: string | Uint8Array, size: number): Promise<Uint8Array> {
  const archive = await open(source).catch((cause: unknown) => Promise.reject(damaged(cause)));
  try {
    const entry = await find(archive);
    // Keras stores without compression, and weights hardly compress: what grows manyfold is a bomb.
    if (entry.uncompressedSize > 2 * size + 2 ** 20) {
      throw unreadable(`at most twice the ${size} bytes of the archive`, `${entry.uncompressedSize} bytes`);
    }
    return await unpack(archive, entry).catch((cause: unknown) => Promise.reject(damaged(cause)));
  } finally {
    archive.close();
  }
}

function open(source: string | Uint8Array): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false };
  if (typeof source === 'string') return openPromise(source, options);
  return fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.length), options);
}

async function find(archive: ZipFile): Promise<Entry> {
  const names: string[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName === WEIGHTS) return entry;
      names.push(entry.fileName);
      if (names.length === MAX_ENTRIES) break;
    }
  } catch (cause) {
    throw damaged(cause);
  }
  const isTorch = names.some((name) => name.endsWith('data.pkl'));
  throw new DataError('WEIGHTS_NOT_KERAS', {
    at: 'zip file',
    expected: `${WEIGHTS}, as in a .keras archive`,
    received: isTorch ? "PyTorch's own format" : names.slice(0, 10).join(', '),
    fix: isTorch ? 'save as safetensors' : 'save with model.save("model.keras")',
  });
}

async function unpack(archive: ZipFile, entry: Entry): Promise<Uint8Array> {
  const bytes = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  for await (const chunk of await archive.openReadStreamPromise(entry)) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes gave something else');
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (crc32(bytes) !== entry.crc32) throw unreadable('the checksum that the archive gives', 'another');
  return bytes;
}

function damaged(cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  return unreadable('a whole .keras archive', cause instanceof Error ? cause.message : String(cause), cause);
}

function unreadable(expected: string, received: string, cause?: unknown): DataError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at: WEIGHTS,
    expected,
    received,
    cause,
    fix: 'download the file again, or save the model again',
  });
}
