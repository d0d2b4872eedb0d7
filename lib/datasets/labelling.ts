import type { ManifestRow, RefusedFile, Warning } from '../contracts/dataset.ts';
import type { FileTable } from './file-table.ts';
import { reasonFor } from './refuse.ts';

/** What is known of an image beside its pixels. */
export type ImageLabels = Pick<ManifestRow, 'labels' | 'split' | 'group' | 'weight'>;

/** Why a file cannot be labelled. */
export type Unlabelled = Omit<RefusedFile, 'path'>;

/** Where the labels of an upload come from: its folders, or a manifest. */
export interface Labelling {
  of(file: number): ImageLabels | Unlabelled;
  /** The file that says so itself: it is no image, and none is expected of it. */
  readonly manifest?: number;
  /** What it names that is not there, or cannot be understood. */
  readonly refused: readonly RefusedFile[];
  readonly warnings: readonly Warning[];
}

/** Labels each image by the first folder of its path. */
export function labelByFolder(files: FileTable): Labelling {
  const known = new Map<string, ImageLabels>();
  return {
    of(file) {
      const [folder = '', ...rest] = files.path(file).split('/');
      if (rest.length === 0) return noClass;
      const labels = known.get(folder) ?? { labels: [folder] };
      known.set(folder, labels);
      return labels;
    },
    refused: [],
    warnings: [],
  };
}

/** Gives equal labels as one object: there are few different ones, and many images. */
export function sharedLabels(): (labels: ImageLabels) => ImageLabels {
  const known = new Map<string, ImageLabels>();
  return (labels) => {
    const key = JSON.stringify(labels);
    const first = known.get(key) ?? labels;
    known.set(key, first);
    return first;
  };
}

const noClass = reasonFor('NO_CLASS', {
  expected: 'a folder for each class',
  received: 'an image in no folder',
  fix: 'put it into one',
});
