import { posix } from 'node:path';
import type { RefusedFile, Warning } from '../../contracts/dataset.ts';
import { reasonFor } from '../../contracts/refuse.ts';
import { DataError } from '../../errors.ts';
import { labelByEntries } from '../labels/label-by-manifest.ts';
import type { Labelling } from '../labels/labelling.ts';
import { locateImages } from '../labels/locate-images.ts';
import type { ManifestEntry } from '../labels/manifest-entries.ts';
import type { FileTable } from '../tables/file-table.ts';
import type { Export } from './export.ts';

export interface FoundExport {
  /** The file among all. */
  readonly file: number;
  readonly export: Export;
}

/**
 * Labels each image by the files of a labelling tool, for example one for each set of a split.
 * @throws DataError MANIFEST_AMBIGUOUS if they come from several tools
 */
export async function labelByExports(files: FileTable, found: readonly FoundExport[]): Promise<Labelling> {
  const forms = new Set(found.map((one) => one.export.form));
  if (forms.size > 1) {
    throw new DataError('MANIFEST_AMBIGUOUS', {
      at: found.map(({ file }) => files.path(file)).join(', '),
      expected: 'files of one tool',
      received: [...forms].join(', '),
      fix: 'keep one of them',
    });
  }
  const exports = found.map(({ file }) => file);
  const labelled = await labelByEntries(files, exports, locatedEntries(files, found));
  return { ...labelled, warnings: found.flatMap((one) => exportWarnings(files.path(one.file), one.export)) };
}

function* locatedEntries(files: FileTable, found: readonly FoundExport[]): Generator<ManifestEntry | RefusedFile> {
  const meantBy = new Map<number, string>();
  for (const { file, export: exported } of found) {
    const folder = posix.dirname(files.path(file));
    const locate = locateImages(files, folder === '.' ? '' : `${folder}/`);
    for (const entry of exported.entries) {
      const located = locate(entry.path);
      if ('code' in located) {
        yield 'code' in entry ? entry : { path: entry.path, ...located };
        continue;
      }
      const meant = meantBy.get(located.file) ?? entry.path;
      meantBy.set(located.file, meant);
      const path = files.path(located.file);
      yield meant === entry.path ? { ...entry, path } : { path, ...claimedTwice(meant, entry.path) };
    }
  }
}

function claimedTwice(one: string, other: string): Omit<RefusedFile, 'path'> {
  return reasonFor('MANIFEST_PATH_DUPLICATE', {
    expected: 'one image of the export',
    received: `${one} and ${other}`,
    fix: 'put the images into the folders that the export names',
  });
}

function exportWarnings(name: string, { ofRegions, unused = 0 }: Export): Warning[] {
  const warnings: Warning[] = [];
  if (ofRegions) {
    const message = `${name} marks regions in images, such as boxes: each image has the labels of all that is marked in it.`;
    warnings.push({ code: 'LABELS_FROM_REGIONS', message });
  }
  if (unused > 0) {
    const message = `${name} has ${unused} annotations of images that it does not list.`;
    warnings.push({ code: 'MANIFEST_ANNOTATIONS_UNUSED', message });
  }
  return warnings;
}
