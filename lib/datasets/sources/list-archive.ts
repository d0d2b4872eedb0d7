import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ImagePath, type RefusedFile } from '../../contracts/dataset.ts';
import type { ErrorDetail } from '../../contracts/errors/error-detail.ts';
import { messageOf } from '../../contracts/errors/message-of.ts';
import { refuse } from '../../contracts/refuse.ts';
import { findOuterFolder } from '../../contracts/upload-files.ts';
import { DataError, GraftError, RuntimeError } from '../../errors.ts';
import { tooLarge } from '../files/too-large.ts';
import type { Archive } from './archive.ts';
import type { ArchiveEntry } from './archive-entry.ts';
import { archiveBomb } from './archive-entry.ts';
import type { SourceFile } from './hash-file.ts';

export interface ArchiveLimits {
  readonly entries: number;
  /** The most unpacked bytes per byte of the archive: photographs hardly compress, so a larger factor is a bomb. */
  readonly growth: number;
  /** Bytes that any archive may unpack to, however small it is. */
  readonly bytes: number;
}

const LIMITS: ArchiveLimits = { entries: 2_000_000, growth: 100, bytes: 2 ** 30 };

/**
 * Unpacks the files of an archive into a folder, under numbers: a name in an archive never becomes a path on this
 * machine. Entries that are not plain files are refused and leave no file. A single folder around everything, as
 * compressing a folder makes it, is not a class and is removed from the paths.
 * @throws DataError ARCHIVE_UNREADABLE, ARCHIVE_EMPTY, ARCHIVE_TOO_MANY_FILES, ARCHIVE_BOMB, ARCHIVE_HEADERS_TOO_LONG;
 * RuntimeError UNPACK_FAILED
 */
export async function* listArchive(
  archive: Archive,
  folder: string,
  limits: ArchiveLimits = LIMITS,
): AsyncGenerator<SourceFile | RefusedFile> {
  const room = Math.max(archive.size * limits.growth, limits.bytes);
  const outer = await outerFolder(archive, limits, room);
  let unpacked = 0;
  let number = 0;
  for await (const entry of archive.entries(room)) {
    if (entry.kind === 'folder') continue;
    const path = plainPath(entry.path, outer);
    const reason = whyNot(entry, path);
    if (reason !== undefined) {
      yield refuse(path, ...reason);
      continue;
    }
    const { entry: file, bytes } = await unpack(entry, path, join(folder, String(number++)), room - unpacked);
    unpacked += bytes;
    yield file;
  }
}

/** The folder around all files, with a trailing "/"; "" if there is none. */
async function outerFolder(archive: Archive, limits: ArchiveLimits, room: number): Promise<string> {
  const outer = findOuterFolder();
  let entries = 0;
  for await (const { path: written, kind } of archive.entries(room)) {
    if (++entries > limits.entries) {
      const fix = 'send a folder, or several archives';
      throw new DataError('ARCHIVE_TOO_MANY_FILES', { at: archive.path, expected: `at most ${limits.entries} files`, fix });
    }
    if (kind !== 'folder') outer.add(plainPath(written, ''));
  }
  if (entries === 0) {
    const fix = 'put folders of images into it';
    throw new DataError('ARCHIVE_EMPTY', { at: archive.path, expected: 'folders of images', received: 'no file', fix });
  }
  const found = outer.found();
  return found === undefined ? '' : `${found}/`;
}

function plainPath(written: string, outer: string): string {
  const path = written.replace(/^(?:\.\/)+/, '').normalize('NFC');
  return path.startsWith(outer) ? path.slice(outer.length) : path;
}

function whyNot({ kind, size }: ArchiveEntry, path: string): [code: string, detail: ErrorDetail] | undefined {
  if (path.includes('\ufffd')) return ['NAME_UNREADABLE', { expected: 'a UTF-8 name', fix: 'rename it' }];
  if (kind === 'link')
    return ['LINK_NOT_FOLLOWED', { expected: 'a file', received: 'a link', fix: 'replace the link by the file' }];
  if (kind === 'encrypted')
    return ['ARCHIVE_ENTRY_ENCRYPTED', { expected: 'a file', fix: 'create the archive without a password' }];
  if (kind !== 'file') return ['NOT_A_FILE', { expected: 'a file or a folder', fix: 'remove it' }];
  if (path.length > 1024) return ['PATH_TOO_LONG', { expected: 'at most 1024 characters', fix: 'shorten the names' }];
  if (!ImagePath.safeParse(path).success)
    return ['ARCHIVE_PATH_UNSAFE', { expected: 'a path inside the archive', received: path, fix: 'create the archive again' }];
  const large = tooLarge(path, size);
  return large && ['FILE_TOO_LARGE', large];
}

interface Unpacked {
  readonly entry: SourceFile | RefusedFile;
  /** Bytes that came, of a damaged entry, too. */
  readonly bytes: number;
}

/**
 * Writes an entry to a file, and removes the file unless it is complete.
 * @param room bytes that may still be unpacked
 * @throws DataError ARCHIVE_BOMB; RuntimeError UNPACK_FAILED
 */
async function unpack(entry: ArchiveEntry, path: string, absolutePath: string, room: number): Promise<Unpacked> {
  const hash = createHash('sha256');
  let bytes = 0;
  let check = 0;
  let isWhole = false;
  const damaged = (received: string): Unpacked => ({
    bytes,
    entry: refuse(path, 'ARCHIVE_ENTRY_DAMAGED', { ...whole, received }),
  });
  const file = await open(absolutePath, 'wx').catch(unpackFailed(absolutePath));
  try {
    for await (const chunk of await entry.open()) {
      bytes += chunk.length;
      if (bytes > room) throw archiveBomb(path);
      hash.update(chunk);
      check = crc32(chunk, check);
      await file.write(chunk).catch(unpackFailed(absolutePath));
    }
    if (entry.crc32 !== undefined && entry.crc32 !== check) return damaged('others');
    isWhole = true;
    return { bytes, entry: { path, size: bytes, sha256: hash.digest('hex'), absolutePath } };
  } catch (error) {
    if (error instanceof GraftError) throw error;
    return damaged(messageOf(error));
  } finally {
    await file.close();
    if (!isWhole) await rm(absolutePath, { force: true });
  }
}

/** A failure of this machine's disk does not concern the archive. */
export function unpackFailed(at: string): (cause: unknown) => never {
  return (cause) => {
    const received = messageOf(cause);
    throw new RuntimeError('UNPACK_FAILED', {
      at,
      received,
      fix: 'free some space there, or set TMPDIR to another folder',
      cause,
    });
  };
}

const whole = { expected: 'the original bytes of the file', fix: 'create the archive again' };
