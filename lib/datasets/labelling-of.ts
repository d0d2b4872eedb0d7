import type { RefusedFile } from '../contracts/dataset.ts';
import { isPartManifest, isRootManifest, MOST_EXPORTS, mayBeExport } from '../contracts/upload-files.ts';
import { DataError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { type FoundExport, labelByExports } from './exports/label-by-export.ts';
import { readExport } from './exports/read-export.ts';
import { blobKey } from './files/blob-key.ts';
import { tooLarge } from './files/too-large.ts';
import { labelByManifests } from './labels/label-by-manifest.ts';
import { type Labelling, labelByFolder } from './labels/labelling.ts';
import type { FileTable } from './tables/file-table.ts';

/**
 * Finds the labels of an upload: in a manifest at the root, then in one in the folder of each set of a split, then in
 * exports of labelling tools; otherwise the folders are the classes.
 * @param pathOf the path in the data set of an address in a manifest at the root; without it, addresses are refused
 * @throws DataError MANIFEST_AMBIGUOUS, FILE_MISSING, FILE_TOO_LARGE, those of `labelByManifests` and `readExport`
 */
export async function labellingOf(
  files: FileTable,
  store: ObjectStore,
  pathOf?: (address: string) => string | undefined,
): Promise<Labelling> {
  const manifest = onlyOne(files, isRootManifest);
  if (manifest !== undefined) {
    const bytes = await bytesOf(files, manifest, store);
    const exported = await readExport(files.path(manifest), bytes);
    if (exported !== undefined) return labelByExports(files, [{ file: manifest, export: exported }]);
    return labelByManifests(files, [{ file: manifest, bytes }], pathOf);
  }
  const parts = filesOf(files, isPartManifest);
  if (parts.length > 0)
    return labelByManifests(
      files,
      await Promise.all(parts.map(async (file) => ({ file, bytes: await bytesOf(files, file, store) }))),
    );
  const exports = await findExports(files, store);
  return exports.length > 0 ? labelByExports(files, exports) : labelByFolder(files);
}

/**
 * Without its manifest, or an export that is too large, the folders of an upload would be its labels. A file that
 * `labellingOf` would not read, because another one comes first, may be missing.
 * @param missing files that were not sent, or not read from S3
 * @param files all others
 * @throws DataError FILE_MISSING
 */
export function requireLabels(missing: readonly RefusedFile[], files: FileTable): void {
  const hasRoot = filesOf(files, isRootManifest).length > 0;
  const hasManifest = hasRoot || filesOf(files, isPartManifest).length > 0;
  const lost = missing.find(
    ({ path, code }) =>
      isRootManifest(path) ||
      (!hasRoot && isPartManifest(path)) ||
      (!hasManifest && code === 'FILE_TOO_LARGE' && mayBeExport(path)),
  );
  if (lost === undefined) return;
  throw new DataError('FILE_MISSING', {
    at: lost.path,
    expected: 'the file that says what the images are',
    received: lost.code,
    fix: 'correct this file, or remove it, and import again',
  });
}

async function findExports(files: FileTable, store: ObjectStore): Promise<FoundExport[]> {
  const found: FoundExport[] = [];
  const candidates = filesOf(files, mayBeExport);
  if (candidates.length > MOST_EXPORTS) return found;
  for (const file of candidates) {
    const exported = await readExport(files.path(file), await bytesOf(files, file, store));
    if (exported !== undefined) found.push({ file, export: exported });
  }
  return found;
}

/** @throws DataError MANIFEST_AMBIGUOUS */
function onlyOne(files: FileTable, isWanted: (path: string) => boolean): number | undefined {
  const found = filesOf(files, isWanted);
  const [first, ...others] = found;
  if (first === undefined || others.length === 0) return first;
  const received = found.map((file) => files.path(file)).join(', ');
  const at = files.path(first);
  throw new DataError('MANIFEST_AMBIGUOUS', { at, expected: 'one manifest', received, fix: 'keep one of them' });
}

function filesOf(files: FileTable, isWanted: (path: string) => boolean): number[] {
  const found: number[] = [];
  for (let file = 0; file < files.length; file++) if (isWanted(files.path(file))) found.push(file);
  return found;
}

/**
 * Reads a file that has, or may have, the labels: without it, the folders would be the labels.
 * @throws DataError FILE_MISSING, FILE_TOO_LARGE
 */
async function bytesOf(files: FileTable, file: number, store: ObjectStore): Promise<Uint8Array> {
  requireSize(files, file);
  const object = await store.get(blobKey(files.sha256(file)));
  if (object !== undefined) return object.body;
  throw new DataError('FILE_MISSING', {
    at: files.path(file),
    expected: `${files.size(file)} bytes`,
    received: 'nothing',
    fix: 'upload it again',
  });
}

/** @throws DataError FILE_TOO_LARGE */
function requireSize(files: FileTable, file: number): void {
  const at = files.path(file);
  const large = tooLarge(at, files.size(file));
  if (large !== undefined) throw new DataError('FILE_TOO_LARGE', { at, ...large, fix: 'make it smaller, or remove it' });
}
