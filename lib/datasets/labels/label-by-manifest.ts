import { posix } from 'node:path';
import type { RefusedFile, Warning } from '../../contracts/dataset.ts';
import { reasonFor, refuse } from '../../contracts/refuse.ts';
import { partOfFile } from '../../contracts/split-names.ts';
import { concatenate } from '../tables/concatenate.ts';
import type { FileTable } from '../tables/file-table.ts';
import { type RowLabels, sharedLabels } from '../tables/row-table.ts';
import type { Labelling, Refusal } from './labelling.ts';
import { type ManifestEntry, manifestColumns, manifestWarnings, readEntries } from './manifest-entries.ts';
import { openManifestFile } from './manifest-file.ts';

export interface ManifestBytes {
  /** The index of the manifest among all files. */
  readonly file: number;
  readonly bytes: Uint8Array;
}

type ReadEntry = ManifestEntry | RefusedFile;

/**
 * Labels each image by manifests: one at the root, or one in the folder of each set of a split, with paths relative to
 * it.
 * @param pathOf as readEntries
 * @throws DataError MANIFEST_EMPTY, MANIFEST_UNREADABLE, MANIFEST_COLUMNS, LINE_TOO_LONG
 */
export async function labelByManifests(
  files: FileTable,
  manifests: readonly ManifestBytes[],
  pathOf?: (address: string) => string | undefined,
): Promise<Labelling> {
  const warnings: Warning[] = [];
  const opened = await Promise.all(
    manifests.map(async ({ file, bytes }) => {
      const name = files.path(file);
      const manifest = await openManifestFile(name, bytes);
      warnings.push(...manifestWarnings(name, manifest));
      return inFolder(name, readEntries(name, manifest, manifestColumns(name, manifest), pathOf));
    }),
  );
  const all = manifests.map(({ file }) => file);
  return { ...(await labelByEntries(files, all, concatenate(...opened))), warnings };
}

/**
 * Entries of a manifest with paths from the root. In the folder of a set, an image without a split belongs to that set.
 */
async function* inFolder(manifest: string, entries: AsyncIterable<ReadEntry>): AsyncGenerator<ReadEntry> {
  const folder = posix.dirname(manifest);
  const split = folder === '.' ? undefined : partOfFile(folder);
  for await (const entry of entries) {
    const path = posix.join(folder, entry.path);
    if ('code' in entry) yield folder === '.' ? entry : { ...entry, path };
    else yield { path, labels: { ...(split !== undefined && { split }), ...entry.labels } };
  }
}

/** @param manifests indices of the manifests */
export async function labelByEntries(
  files: FileTable,
  manifests: readonly number[],
  entries: Iterable<ReadEntry> | AsyncIterable<ReadEntry>,
): Promise<Labelling> {
  const name = manifests.map((manifest) => files.path(manifest)).join(', ');
  const byFile: (RowLabels | Refusal | undefined)[] = new Array(files.length).fill(undefined);
  const refused: RefusedFile[] = [];
  const shared = sharedLabels();
  for await (const entry of entries) {
    const at = files.find(entry.path);
    if (at === undefined || manifests.includes(at)) {
      refused.push('code' in entry ? entry : refuse(entry.path, 'MANIFEST_FILE_MISSING', { at: name, ...missing }));
      continue;
    }
    const labels = 'code' in entry ? { code: entry.code, message: entry.message } : shared(entry.labels);
    const before = byFile[at];
    byFile[at] = before === undefined || isSame(before, labels) ? labels : duplicatePath;
  }
  return { of: (image) => byFile[image] ?? notNamed, manifests, refused: onePerPath(refused), warnings: [] };
}

function isSame(one: RowLabels | Refusal, other: RowLabels | Refusal): boolean {
  return one === other || ('code' in one && 'code' in other && one.code === other.code);
}

function onePerPath(refused: readonly RefusedFile[]): RefusedFile[] {
  return [...new Map(refused.map((file) => [file.path, file])).values()];
}

const missing = { expected: 'an image of this path', received: 'no such file', fix: 'add the file, or remove the line' };
const notNamed = reasonFor('NOT_IN_MANIFEST', {
  expected: 'a line of the manifest for each image',
  received: 'none for this one',
  fix: 'add a line, or remove the image',
});
const duplicatePath = reasonFor('MANIFEST_PATH_DUPLICATE', {
  expected: 'one line for each image',
  received: 'several that do not agree',
  fix: 'keep one line; put several labels into a column labels, with | between them',
});
