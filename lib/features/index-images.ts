import { hexColumn } from '../datasets/tables/hex-column.ts';

/** Finds the rows of images by SHA-256. A row takes about 60 bytes, a quarter of what a map of strings takes. */
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

/** Digits of a SHA-256 that choose where it is looked for first. */
const DIGITS = 8;

/** Indexes images by open addressing. @param images SHA-256 of each row */
export function indexImages(images: readonly string[]): ImageRows {
  const hashes = hexColumn(images.length);
  // The number of an image plus one, 0 for none; at most half of the slots are taken.
  const slots = new Uint32Array(2 * images.length + 1);
  // One more than the last row of each image, and than the row before each row of the same image; 0 for none.
  const lastRow = new Uint32Array(images.length);
  const rowBefore = new Uint32Array(images.length);

  function slotOf(sha256: string): number {
    let slot = Number.parseInt(sha256.slice(0, DIGITS), 16) % slots.length;
    for (let found = slots[slot] ?? 0; found > 0; found = slots[slot] ?? 0) {
      if (hashes.at(found - 1) === sha256) break;
      slot = (slot + 1) % slots.length;
    }
    return slot;
  }

  for (const [row, image] of images.entries()) {
    const slot = slotOf(image);
    let number = (slots[slot] ?? 0) - 1;
    if (number < 0) {
      number = hashes.length;
      hashes.push(image);
      slots[slot] = number + 1;
    }
    rowBefore[row] = lastRow[number] ?? 0;
    lastRow[number] = row + 1;
  }
  return {
    rows: images.length,
    distinct: hashes.length,
    numberOf(sha256) {
      const found = slots[slotOf(sha256)] ?? 0;
      return found === 0 ? undefined : found - 1;
    },
    at: hashes.at,
    rowsOf(number) {
      const rows: number[] = [];
      for (let row = lastRow[number] ?? 0; row > 0; row = rowBefore[row - 1] ?? 0) rows.push(row - 1);
      return rows;
    },
  };
}
