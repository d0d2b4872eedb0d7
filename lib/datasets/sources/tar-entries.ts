import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Headers } from 'tar-stream';
import { DataError } from '../../errors.ts';
import type { ArchiveEntry } from './archive-entry.ts';
import { archiveBomb } from './archive-entry.ts';

export interface TarOptions {
  readonly gzip: boolean;
  /** Bytes of the tar that are read at most, headers and skipped entries among them. */
  readonly maxBytes: number;
}

/**
 * Bytes between two entries: their headers, with long names and what else PAX and GNU add, which tar-stream holds in
 * memory as a whole. A path has 1,024 characters at most; `tar` ends a file with 10 KiB of zeros, and seldom with more
 * than 512 KiB.
 */
const MAX_HEADER_BYTES = 2 ** 20;

/** The entries of a tar file, in its order. @throws DataError ARCHIVE_BOMB, ARCHIVE_HEADERS_TOO_LONG, ARCHIVE_UNREADABLE */
export async function* tarEntries(path: string, { gzip, maxBytes }: TarOptions): AsyncGenerator<ArchiveEntry> {
  const stop = new AbortController();
  const tar = extract();
  const file = createReadStream(path);
  const { signal } = stop;
  let isInEntry = false;
  let headerBytes = 0;

  async function* checked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      headerBytes = isInEntry ? 0 : headerBytes + chunk.length;
      if (bytes > maxBytes) throw archiveBomb(path);
      if (headerBytes > MAX_HEADER_BYTES) throw headersTooLong(path);
      yield chunk;
    }
  }

  const reading = gzip ? pipeline(file, createGunzip(), checked, tar, { signal }) : pipeline(file, checked, tar, { signal });
  // A failure reaches whoever takes the entries; here Node must not take it for one that nobody handles.
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      isInEntry = true;
      // A chunk may hold many small entries as a whole, and then none is open when the next one comes.
      headerBytes = 0;
      const { name, size = 0 } = entry.header;
      // tar-stream would wait for ever for the end of an entry of no size.
      if (!Number.isSafeInteger(size) || size < 0) throw sizeInvalid(path, name);
      let opened = false;
      yield {
        path: name.replaceAll('\\', '/'),
        kind: kindOf(entry.header),
        size,
        async open() {
          opened = true;
          return entry;
        },
      };
      if (!opened) for await (const _ of entry);
      isInEntry = false;
    }
    await reading;
  } finally {
    stop.abort();
  }
}

function headersTooLong(path: string): DataError {
  return new DataError('ARCHIVE_HEADERS_TOO_LONG', {
    at: path,
    expected: `at most ${MAX_HEADER_BYTES} bytes between two files`,
    received: 'more',
    fix: 'create the archive again',
  });
}

function sizeInvalid(path: string, name: string): DataError {
  return new DataError('ARCHIVE_UNREADABLE', {
    at: path,
    expected: 'a complete zip, tar or tar.gz',
    received: `no size for ${name}`,
    fix: 'create the archive again',
  });
}

function kindOf({ type }: Headers): ArchiveEntry['kind'] {
  if (type === 'directory') return 'folder';
  if (type === 'link' || type === 'symlink') return 'link';
  return type === 'file' || type === 'contiguous-file' ? 'file' : 'other';
}
