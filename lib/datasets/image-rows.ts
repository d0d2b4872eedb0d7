import type { ManifestRow } from '../contracts/dataset.ts';
import type { FileTable } from './file-table.ts';
import type { ImageCheck } from './image-checks.ts';
import type { ImageLabels } from './labelling.ts';

/** Rows of a manifest, by path: an array, or a table that makes a row when it is asked for one. */
export interface Rows extends Iterable<ManifestRow> {
  readonly length: number;
  at(row: number): ManifestRow | undefined;
}

export type GoodImage = Extract<ImageCheck, { width: number }>;

/** Columns for the images among the files of an upload, in whatever order they are found. */
export interface ImageTable {
  add(file: number, image: GoodImage, labels: ImageLabels): void;
  /** The images added so far. */
  rows(): Rows;
}

const HASH_BYTES = 32;

export function imageTable(files: FileTable): ImageTable {
  const labelled: (ImageLabels | undefined)[] = new Array(files.length).fill(undefined);
  const pixels = new Uint32Array(files.length * 2);
  // All zeros where an image has no hash: no hash is that, since half of its bits are set.
  const hashes = Buffer.alloc(files.length * HASH_BYTES);

  function rowOf(file: number): ManifestRow | undefined {
    const of = labelled[file];
    if (of === undefined) return undefined;
    const [width = 0, height = 0] = pixels.subarray(file * 2, file * 2 + 2);
    const hash = hashes.subarray(file * HASH_BYTES, (file + 1) * HASH_BYTES);
    return {
      path: files.path(file),
      sha256: files.sha256(file),
      labels: [...of.labels],
      width,
      height,
      ...(hash.some((byte) => byte !== 0) && { hash: hash.toString('hex') }),
      ...(of.split !== undefined && { split: of.split }),
      ...(of.group !== undefined && { group: of.group }),
      ...(of.weight !== undefined && { weight: of.weight }),
    };
  }

  return {
    add(file, { width, height, hash }, labels) {
      labelled[file] = labels;
      pixels.set([width, height], file * 2);
      if (hash !== undefined) hashes.write(hash, file * HASH_BYTES, 'hex');
    },
    rows() {
      const images = Uint32Array.from(labelled.keys()).filter((file) => labelled[file] !== undefined);
      const at = (row: number): ManifestRow | undefined => {
        const file = images.at(row);
        return file === undefined ? undefined : rowOf(file);
      };
      return {
        length: images.length,
        at,
        *[Symbol.iterator]() {
          for (const file of images) {
            const row = rowOf(file);
            if (row !== undefined) yield row;
          }
        },
      };
    },
  };
}
