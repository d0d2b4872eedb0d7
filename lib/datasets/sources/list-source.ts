import { readFile, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, resolve } from 'node:path';
import type { RefusedFile } from '../../contracts/dataset.ts';
import { mayBeExport } from '../../contracts/upload-files.ts';
import { DataError, NotFoundError } from '../../errors.ts';
import { readExport } from '../exports/read-export.ts';
import { tooLarge } from '../files/too-large.ts';
import { manifestKind } from '../labels/manifest-file.ts';
import { openArchive } from './archive.ts';
import type { SourceFile } from './hash-file.ts';
import { listArchive, unpackFailed } from './list-archive.ts';
import { listExport } from './list-export.ts';
import { listFolder } from './list-folder.ts';
import { listManifest } from './list-manifest.ts';

/** A folder, an archive, a manifest or the export of a labelling tool on this machine. */
export interface Source {
  /** Files with their size and SHA-256, and files that cannot be sent; in no order. */
  readonly entries: AsyncIterable<SourceFile | RefusedFile>;
  /** The folder of all files, if they are unpacked from an archive: `sourceParts` removes those that were sent. */
  readonly unpackFolder?: string;
  /** Removes unpacked files, so send the files first. */
  close(): Promise<void>;
}

/** A temporary folder, which does not stay for good if this process is killed. */
interface UnpackFolder {
  readonly path: string;
  close(): void;
}

/**
 * Opens a source by its path.
 * @param openUnpackFolder makes a folder for the files of an archive
 * @throws NotFoundError FOLDER_NOT_FOUND; DataError FOLDER_EXPECTED, FILE_TOO_LARGE; RuntimeError UNPACK_FAILED; reading
 * it throws the errors of its form
 */
export async function listSource(path: string, openUnpackFolder: () => Promise<UnpackFolder>): Promise<Source> {
  const absolute = await realpath(resolve(path)).catch((cause: unknown) => {
    const expected = 'a folder of images, an archive or a manifest';
    throw new NotFoundError('FOLDER_NOT_FOUND', { at: path, expected, received: 'nothing', fix: 'check the path', cause });
  });
  const found = await stat(absolute);
  if (found.isDirectory()) return { entries: listFolder(absolute), close };
  const name = basename(absolute);
  const isTable = found.isFile() && mayBeExport(name);
  const large = isTable ? tooLarge(name, found.size) : undefined;
  if (large !== undefined) throw new DataError('FILE_TOO_LARGE', { at: path, ...large });
  const exported = isTable ? await readExport(name, await readFile(absolute)) : undefined;
  if (exported !== undefined) return { entries: listExport(absolute, exported), close };
  if (manifestKind(absolute) !== undefined) return { entries: listManifest(absolute), close };
  const archive = found.isFile() ? await openArchive(absolute) : undefined;
  if (archive === undefined) {
    throw new DataError('FOLDER_EXPECTED', {
      at: path,
      expected: 'a folder, a zip, tar or tar.gz, a manifest in CSV, TSV or JSON Lines, or the export of a labelling tool',
      received: found.isFile() ? 'another file' : 'no file',
      fix: 'give the folder that holds one folder of images for each class',
    });
  }
  const folder = await openUnpackFolder().catch(unpackFailed(tmpdir()));
  return { entries: listArchive(archive, folder.path), unpackFolder: folder.path, close: async () => folder.close() };
}

async function close(): Promise<void> {}
