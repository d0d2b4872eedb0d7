import type { RefusedFile } from '../contracts/dataset.ts';
import type { FileTable } from './file-table.ts';
import { type ImageLabels, type Labelling, sharedLabels, type Unlabelled } from './labelling.ts';
import { columnsOf, type ManifestEntry, manifestWarnings, readEntries } from './manifest-entries.ts';
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
  const labelled = await labelByEntries(files, manifest, readEntries(name, file, columns));
  return { ...labelled, warnings: manifestWarnings(name, file) };
}

/** Labels each image as a file of another tool says, which may name images relative to a folder `images` beside it. */
export function labelByExport(files: FileTable, exported: number, entries: readonly ManifestEntry[]): Promise<Labelling> {
  const found = entries.map((entry) => {
    const inFolder = `images/${entry.path}`;
    return files.find(entry.path) === undefined && files.find(inFolder) !== undefined ? { ...entry, path: inFolder } : entry;
  });
  return labelByEntries(files, exported, found);
}

async function labelByEntries(
  files: FileTable,
  manifest: number,
  said: Iterable<ManifestEntry | RefusedFile> | AsyncIterable<ManifestEntry | RefusedFile>,
): Promise<Labelling> {
  const name = files.path(manifest);
  const entries: (ImageLabels | Unlabelled | undefined)[] = new Array(files.length).fill(undefined);
  const refused: RefusedFile[] = [];
  const shared = sharedLabels();
  for await (const entry of said) {
    const at = files.find(entry.path);
    if (at === undefined || at === manifest) {
      refused.push('code' in entry ? entry : refuse(entry.path, 'MANIFEST_FILE_MISSING', { at: name, ...missing }));
      continue;
    }
    const labels = 'code' in entry ? { code: entry.code, message: entry.message } : shared(entry.labels);
    const before = entries[at];
    entries[at] = before === undefined || before === labels ? labels : saidTwice;
  }
  return { of: (image) => entries[image] ?? notNamed, manifest, refused: onePerPath(refused), warnings: [] };
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
