import { hashIndex } from '../datasets/tables/hash-index.ts';

/** Finds the rows of images by SHA-256. A row takes about 50 bytes, a quarter of what a map of strings takes. */
export interface ImageRows {
  /** Number of rows. */
  readonly rows: number;
  /** Number of different images. They are numbered from 0, in the order of their first rows. */
  readonly distinct: number;
  /** @returns undefined if no row has the image */
  numberOf(sha256: string): number | undefined;
  /** Returns the SHA-256 of an image. */
  at(number: number): string;
  /** Returns the rows of an image, the last one first. */
  rowsOf(number: number): number[];
}

/** Indexes images. @param images SHA-256 of each row */
export function indexImages(images: readonly string[]): ImageRows {
  const hashes = hashIndex(images.length);
  // One more than the last row of each image, and than the row before each row of the same image; 0 for none.
  const lastRow = new Uint32Array(images.length);
  const rowBefore = new Uint32Array(images.length);
  for (const [row, image] of images.entries()) {
    const number = hashes.add(image);
    rowBefore[row] = lastRow[number] ?? 0;
    lastRow[number] = row + 1;
  }
  return {
    rows: images.length,
    distinct: hashes.length,
    numberOf: hashes.numberOf,
    at: hashes.at,
    rowsOf(number) {
      const rows: number[] = [];
      for (let row = lastRow[number] ?? 0; row > 0; row = rowBefore[row - 1] ?? 0) rows.push(row - 1);
      return rows;
    },
  };
}
