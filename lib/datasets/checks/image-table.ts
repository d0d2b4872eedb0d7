import type { FileTable } from '../tables/file-table.ts';
import { looksColumn, type RowLabels, rowOf } from '../tables/row-table.ts';
import { type Rows, rowsFrom } from '../tables/rows.ts';
import type { ImageCheck } from './image-checks.ts';

export type GoodImage = Extract<ImageCheck, { width: number }>;

/** Columns for the images among the files of an upload, in whatever order they are found. */
export interface ImageTable {
  add(file: number, image: GoodImage, labels: RowLabels): void;
  /** The images added so far. */
  rows(): Rows;
}

export function imageTable(files: FileTable): ImageTable {
  const labelled: (RowLabels | undefined)[] = new Array(files.length).fill(undefined);
  const looks = looksColumn(files.length);
  let count = 0;
  return {
    add(file, image, labels) {
      if (labelled[file] === undefined) count++;
      labelled[file] = labels;
      looks.set(file, image);
    },
    rows() {
      const images = new Uint32Array(count);
      let row = 0;
      for (let file = 0; file < labelled.length; file++) if (labelled[file] !== undefined) images[row++] = file;
      return rowsFrom(images.length, (row) => {
        const file = images[row] ?? 0;
        return rowOf(files.path(file), files.sha256(file), looks.at(file), labelled[file] ?? { labels: [] });
      });
    },
  };
}
