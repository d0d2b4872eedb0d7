import { open, stat } from 'node:fs/promises';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { DataError } from '../../errors.ts';
import type { ArchiveEntry } from './archive-entry.ts';
import { tarEntries } from './tar-entries.ts';
import { zipEntries } from './zip-entries.ts';

/** An archive of files, which can be read any number of times. */
export interface Archive {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * @param maxBytes the most uncompressed bytes; listing a tar reads all of it
   * @throws DataError ARCHIVE_UNREADABLE, ARCHIVE_BOMB, ARCHIVE_HEADERS_TOO_LONG
   */
  entries(maxBytes: number): AsyncIterable<ArchiveEntry>;
}

/**
 * Opens a zip, tar or tar.gz file, detected by its first bytes. @returns undefined if it is none of these @throws
 * DataError FILE_UNREADABLE
 */
export async function openArchive(path: string): Promise<Archive | undefined> {
  const head = Buffer.alloc(512);
  const file = await open(path).catch((cause: unknown) => {
    throw new DataError('FILE_UNREADABLE', {
      at: path,
      expected: 'a readable file',
      fix: 'change its permissions',
      cause,
    });
  });
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  const entries = entriesOf(path, head);
  return entries && { path, size: (await stat(path)).size, entries: (maxBytes) => readable(path, entries(maxBytes)) };
}

function entriesOf(path: string, head: Buffer): ((maxBytes: number) => AsyncIterable<ArchiveEntry>) | undefined {
  const startsWith = (...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  if (startsWith(0x50, 0x4b, 3, 4) || startsWith(0x50, 0x4b, 5, 6)) return () => zipEntries(path);
  if (startsWith(0x1f, 0x8b)) return (maxBytes) => tarEntries(path, { gzip: true, maxBytes });
  if (head.toString('latin1', 257, 262) === 'ustar') return (maxBytes) => tarEntries(path, { gzip: false, maxBytes });
  return undefined;
}

/** What a library says of a damaged archive, as our error. */
async function* readable(path: string, entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<ArchiveEntry> {
  const all = entries[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { value, done } = await all.next().catch((cause: unknown) => {
        if (cause instanceof DataError) throw cause;
        const received = messageOf(cause);
        const fix = 'create the archive again';
        throw new DataError('ARCHIVE_UNREADABLE', { at: path, expected: 'a complete zip, tar or tar.gz', received, fix, cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await all.return?.();
  }
}
