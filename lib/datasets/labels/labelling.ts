import type { RefusedFile, Warning } from '../../contracts/dataset.ts';
import { labelsByFolder } from '../../contracts/folder-labels.ts';
import { reasonFor } from '../../contracts/refuse.ts';
import type { FileTable } from '../tables/file-table.ts';
import type { RowLabels } from '../tables/row-table.ts';

/** The reason why a file cannot be labelled. */
export type Refusal = Omit<RefusedFile, 'path'>;

/** The labels of an upload, from its folders or a manifest. */
export interface Labelling {
  of(file: number): RowLabels | Refusal;
  /** The manifests: they are not images and need no labels. */
  readonly manifests: readonly number[];
  /** Entries that name missing files, or are invalid. */
  readonly refused: readonly RefusedFile[];
  readonly warnings: readonly Warning[];
}

/** Labels each image by its folders, as `labelsByFolder` says. */
export function labelByFolder(files: FileTable): Labelling {
  const folders = labelsByFolder(pathsOf(files));
  const known = new Map<string, RowLabels>();
  return {
    of(file) {
      const found = folders.of(files.path(file));
      if (found === undefined) return noClass;
      const { label, split } = found;
      const key = `${split ?? ''}/${label ?? ''}`;
      const named = label === undefined ? withoutLabel : { labels: [label] };
      const labels = known.get(key) ?? { ...named, ...(split !== undefined && { split }) };
      known.set(key, labels);
      return labels;
    },
    manifests: [],
    refused: [],
    warnings: [],
  };
}

function* pathsOf(files: FileTable): Generator<string> {
  for (let file = 0; file < files.length; file++) yield files.path(file);
}

/** What an image without a label has instead of labels. */
export const withoutLabel: RowLabels = { labels: [], unlabelled: true };

const noClass = reasonFor('NO_CLASS', {
  expected: 'a folder for each class',
  received: 'an image in no folder',
  fix: 'put it into a class folder',
});
