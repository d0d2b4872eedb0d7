import type { DatasetReport, RefusedFile, UploadFile, UploadRecord } from '../contracts/dataset.ts';
import { unsentFiles } from '../contracts/unsent-files.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { importOpenUpload } from '../datasets/run-import.ts';
import type { SourceFile } from '../datasets/sources/hash-file.ts';
import { listSource, type Source } from '../datasets/sources/list-source.ts';
import { readListed } from '../datasets/sources/read-listed.ts';
import { requireSent } from '../datasets/sources/require-sent.ts';
import { sourceParts } from '../datasets/sources/source-parts.ts';
import { withUnsent } from '../datasets/sources/with-unsent.ts';
import { BACKGROUND_PATIENCE_MS } from '../datasets/uploads/removal-marks.ts';
import { addPart, beginImport } from '../datasets/uploads/upload.ts';
import { endUpload, openUpload } from '../datasets/uploads/upload-record.ts';
import { openUnpackFolder } from '../local/unpack-folder.ts';
import type { World } from '../ports.ts';

/** Maximum share of a source's files that are not usable images. */
const MAX_REFUSED = 0.05;

export interface ImportSourceOptions {
  readonly name: string;
  readonly maxRefused?: number | undefined;
}

/**
 * Imports a folder, archive or manifest as a version of a data set, with an upload in this process.
 * @throws as listSource, importOpenUpload and requireSent; DataError FILE_CHANGED
 */
export async function importSource(
  path: string,
  world: Pick<World, 'store' | 'clock' | 'log' | 'inputCache'>,
  { name, maxRefused = MAX_REFUSED }: ImportSourceOptions,
): Promise<DatasetReport> {
  const source = await listSource(path, openUnpackFolder);
  try {
    const unsent: RefusedFile[] = [];
    const report = await importEntries(source, unsent, { name, maxRefused }, world);
    return withUnsent(report, unsent);
  } finally {
    await source.close();
  }
}

/**
 * Uploads the files of a source and imports them.
 * @param unsent receives the files that cannot be read
 */
async function importEntries(
  source: Source,
  unsent: RefusedFile[],
  { name, maxRefused }: Required<Pick<UploadRecord, 'name' | 'maxRefused'>>,
  world: Pick<World, 'store' | 'clock' | 'log' | 'inputCache'>,
): Promise<DatasetReport> {
  const { id } = await openUpload({ name, maxRefused, state: 'UPLOADING' }, world);
  try {
    const sent = { parts: 0, files: 0 };
    for await (const part of sourceParts(source, unsent)) {
      await storePart(id, part, world);
      sent.parts++;
      sent.files += part.length;
    }
    requireSent(sent.files, unsent);
    return await importOpenUpload(await beginImport(id, { ...sent, ...unsentFiles(unsent) }, world), world, {
      allowsExternal: false,
    });
  } catch (error) {
    await endUpload(id, error, world);
    throw error;
  }
}

/** Adds a part of the file list to the upload, then stores the missing files. */
async function storePart(id: string, part: readonly SourceFile[], world: Pick<World, 'store' | 'clock'>): Promise<void> {
  const files = part.map(({ path, size, sha256 }): UploadFile => ({ path, size, sha256 }));
  const missing = new Set((await addPart(id, files, world, BACKGROUND_PATIENCE_MS)).map(({ sha256 }) => sha256));
  for (const file of part) {
    if (missing.delete(file.sha256)) await world.store.put(blobKey(file.sha256), await readListed(file));
  }
}
