import type { RefusedFile } from '../contracts/dataset.ts';
import type { FileTable } from './file-table.ts';
import { type ImageLabels, type Labelling, sharedLabels, type Unlabelled } from './labelling.ts';
import { columnsOf, manifestWarnings, readEntries } from './manifest-entries.ts';
import { openManifestFile } from './manifest-file.ts';
import { reasonFor, refuse } from './refuse.ts';

/**
 * Labels each image as a manifest says.
 * @param manifest the file among `files` that is the manifest
 * @param bytes its content
 * @throws DataError MANIFEST_EMPTY, MANIFEST_UNREADABLE, MANIFEST_COLUMNS
 */
export async function labelByManifest(files: FileTable, manifest: number, bytes: Uint8Array): Promise<Labelling> {
  const name = files.path(manifest);
  const file = await openManifestFile(name, bytes);
  const columns = columnsOf(name, file);
  const entries: (ImageLabels | Unlabelled | undefined)[] = new Array(files.length).fill(undefined);
  const refused: RefusedFile[] = [];
  const shared = sharedLabels();
  for await (const entry of readEntries(name, file, columns)) {
    const at = files.find(entry.path);
    if (at === undefined || at === manifest) {
      refused.push('code' in entry ? entry : refuse(entry.path, 'MANIFEST_FILE_MISSING', { at: name, ...missing }));
      continue;
    }
    const said = 'code' in entry ? { code: entry.code, message: entry.message } : shared(entry.labels);
    const before = entries[at];
    entries[at] = before === undefined || before === said ? said : saidTwice;
  }
  return {
    of: (image) => entries[image] ?? notNamed,
    manifest,
    refused: onePerPath(refused),
    warnings: manifestWarnings(name, file),
  };
}

function onePerPath(refused: readonly RefusedFile[]): RefusedFile[] {
  return [...new Map(refused.map((file) => [file.path, file])).values()];
}

const missing = { expected: 'an image of this path', received: 'no such file', fix: 'add the file, or take the line out' };
const notNamed = reasonFor('NOT_IN_MANIFEST', {
  expected: 'a line of the manifest for each image',
  received: 'none for this one',
  fix: 'add a line, or remove the image',
});
const saidTwice = reasonFor('MANIFEST_PATH_TWICE', {
  expected: 'one line for each image',
  received: 'several that do not agree',
  fix: 'keep one; several labels stand on one line, in a column labels, with | between them',
});
