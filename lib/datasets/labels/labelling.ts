import type { RefusedFile, SplitPart, Warning } from '../../contracts/dataset.ts';
import { reasonFor } from '../../contracts/refuse.ts';
import type { FileTable } from '../tables/file-table.ts';
import type { ImageLabels } from '../tables/row-table.ts';
import { partNamed } from './split-names.ts';

/** The reason why a file cannot be labelled. */
export type Unlabelled = Omit<RefusedFile, 'path'>;

/** The labels of an upload, from its folders or a manifest. */
export interface Labelling {
  of(file: number): ImageLabels | Unlabelled;
  /** The manifests: they are not images and need no labels. */
  readonly manifests: readonly number[];
  /** Entries that name missing files, or are invalid. */
  readonly refused: readonly RefusedFile[];
  readonly warnings: readonly Warning[];
}

/**
 * Labels each image by the first folder of its path. If the first folders are the sets of a split, as in
 * `train/cat/1.jpg` and `val/cat/2.jpg`, labels it by the second folder. Images in a folder named `unlabelled`, at any
 * depth, and all images if none is in a folder, have no label.
 */
export function labelByFolder(files: FileTable): Labelling {
  const parts = foldersOfParts(files);
  const isFlat = !hasFolders(files);
  const known = new Map<string, ImageLabels>();
  return {
    of(file) {
      const folders = files.path(file).split('/').slice(0, -1);
      const isUnlabelled = folders.some((folder) => UNLABELLED.test(folder));
      const [part, label = isUnlabelled ? '' : undefined] = parts === undefined ? [undefined, folders[0]] : folders;
      if (label === undefined) return isFlat ? withoutLabel : noClass;
      const split = parts?.get(part ?? '');
      const key = isUnlabelled ? `${split ?? ''}/` : `${split ?? ''}/${label}`;
      const named = isUnlabelled ? withoutLabel : { labels: [label] };
      const labels = known.get(key) ?? { ...named, ...(split !== undefined && { split }) };
      known.set(key, labels);
      return labels;
    },
    manifests: [],
    refused: [],
    warnings: [],
  };
}

/**
 * The sets by the names of the first folders, if all first folders are sets with folders below; a single set is not a
 * split.
 */
function foldersOfParts(files: FileTable): ReadonlyMap<string, SplitPart | undefined> | undefined {
  const parts = new Map<string, SplitPart | undefined>();
  let [inPart, inClass] = [0, 0];
  for (let file = 0; file < files.length; file++) {
    const [folder = '', ...rest] = files.path(file).split('/');
    if (rest.length === 0 || UNLABELLED.test(folder)) continue;
    const part = partNamed(folder);
    // Notes and scripts beside these folders are not a class.
    if (part === undefined && !isImageName(rest.at(-1) ?? '')) continue;
    if (part === undefined) return undefined;
    parts.set(folder, part === 'unassigned' ? undefined : part);
    if (rest.length === 1) inPart++;
    else inClass++;
  }
  if (inClass <= inPart) return undefined;
  return parts.size > 1 ? parts : new Map([...parts].map(([folder]) => [folder, undefined]));
}

/** Whether any image is in a folder, whatever an operating system adds. */
function hasFolders(files: FileTable): boolean {
  for (let file = 0; file < files.length; file++) {
    const [first = '', ...rest] = files.path(file).split('/');
    const name = rest.at(-1);
    if (name !== undefined && first !== '__MACOSX' && !name.startsWith('.') && isImageName(name)) return true;
  }
  return false;
}

function isImageName(name: string): boolean {
  return !name.includes('.') || /\.(?:jpe?g|png|webp|gif|avif|tiff?)$/i.test(name);
}

/** The name of a folder of images without a label, in either spelling. */
const UNLABELLED = /^unlabell?ed$/i;
/** What an image without a label has instead of labels. */
export const withoutLabel: ImageLabels = { labels: [], unlabelled: true };

const noClass = reasonFor('NO_CLASS', {
  expected: 'a folder for each class',
  received: 'an image in no folder',
  fix: 'put it into a class folder',
});
