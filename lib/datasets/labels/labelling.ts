import type { RefusedFile, SplitPart, Warning } from '../../contracts/dataset.ts';
import { reasonFor } from '../files/refuse.ts';
import type { FileTable } from '../tables/file-table.ts';
import type { ImageLabels } from '../tables/row-table.ts';
import { partNamed } from './split-names.ts';

/** Why a file cannot be labelled. */
export type Unlabelled = Omit<RefusedFile, 'path'>;

/** Where the labels of an upload come from: its folders, or a manifest. */
export interface Labelling {
  of(file: number): ImageLabels | Unlabelled;
  /** The files that say so themselves: they are no images, and none are expected of them. */
  readonly manifests: readonly number[];
  /** What it names that is not there, or cannot be understood. */
  readonly refused: readonly RefusedFile[];
  readonly warnings: readonly Warning[];
}

/**
 * Labels each image by the first folder of its path; where the first folders are the parts of a split, as in `train/cat/1.jpg` and
 * `val/cat/2.jpg`, by the second.
 */
export function labelByFolder(files: FileTable): Labelling {
  const parts = foldersOfParts(files);
  const known = new Map<string, ImageLabels>();
  return {
    of(file) {
      const folders = files.path(file).split('/').slice(0, -1);
      const [part, label] = parts === undefined ? [undefined, folders[0]] : folders;
      if (label === undefined) return noClass;
      const split = parts?.get(part ?? '');
      const key = `${split ?? ''}/${label}`;
      const labels = known.get(key) ?? { labels: [label], ...(split !== undefined && { split }) };
      known.set(key, labels);
      return labels;
    },
    manifests: [],
    refused: [],
    warnings: [],
  };
}

/** The parts by the names of the first folders, where all are parts, with folders below; a single one says of no image where it belongs. */
function foldersOfParts(files: FileTable): ReadonlyMap<string, SplitPart | undefined> | undefined {
  const parts = new Map<string, SplitPart | undefined>();
  let [inPart, inClass] = [0, 0];
  for (let file = 0; file < files.length; file++) {
    const [folder = '', ...rest] = files.path(file).split('/');
    if (rest.length === 0) continue;
    const part = partNamed(folder);
    // Notes and scripts beside the parts are no class.
    if (part === undefined && !isImageName(rest.at(-1) ?? '')) continue;
    if (part === undefined) return undefined;
    parts.set(folder, part === 'unassigned' ? undefined : part);
    if (rest.length === 1) inPart++;
    else inClass++;
  }
  if (inClass <= inPart) return undefined;
  return parts.size > 1 ? parts : new Map([...parts].map(([folder]) => [folder, undefined]));
}

function isImageName(name: string): boolean {
  return !name.includes('.') || /\.(?:jpe?g|png|webp|gif|avif|tiff?)$/i.test(name);
}

const noClass = reasonFor('NO_CLASS', {
  expected: 'a folder for each class',
  received: 'an image in no folder',
  fix: 'put it into a class folder',
});
