import type { Rows } from '../tables/rows.ts';

/** Of 256 bits: how many may differ between two forms of one picture. Different pictures differ in 60 and more. */
const NEAR = 24;
const HASH_BYTES = 32;
const BAND_BYTES = 2;
/** Images of one band's value that others are compared with, so that time stays proportional to the number of images. */
const MAX_LEADERS = 64;

/**
 * Finds images with similar perceptual hashes. It compares each with the images before it that have an equal band of 16
 * bits and are like none before them: two hashes that differ in at most 15 bits have such a band, and nearly all that
 * differ in up to 24. Two similar images are missed where one of them is like an earlier image and the other is not. The
 * splits of stored data sets follow from these pairs, so that another search would move images between sets.
 * @param join called with two similar rows; rows that are similar to a third are joined through it
 */
export function joinNearDuplicates(rows: Rows, join: (a: number, b: number) => void): void {
  const hashes = Buffer.from(new ArrayBuffer(rows.length * HASH_BYTES));
  const hashed = new Uint32Array(rows.length);
  let count = 0;
  let number = 0;
  for (const { hash } of rows) {
    if (hash !== undefined) {
      hashes.write(hash, number * HASH_BYTES, 'hex');
      hashed[count++] = number;
    }
    number++;
  }
  const order = new Uint32Array(count);
  for (let band = 0; band < HASH_BYTES; band += BAND_BYTES) {
    const bandOf = (row: number): number => hashes.readUInt16LE(row * HASH_BYTES + band);
    sortByBand(hashed.subarray(0, count), bandOf, order);
    let leaders: number[] = [];
    let value = -1;
    for (const row of order) {
      if (bandOf(row) !== value) leaders = [];
      value = bandOf(row);
      const near = leaders.find((leader) => distance(hashes, leader, row) <= NEAR);
      if (near !== undefined) join(near, row);
      else if (leaders.length < MAX_LEADERS) leaders.push(row);
    }
  }
  // The garbage collector would let it stand for long.
  hashes.buffer.transfer(0);
}

/** Counting sort: rows by their band, and as they come where it is equal. */
function sortByBand(rows: Uint32Array, bandOf: (row: number) => number, order: Uint32Array): void {
  const starts = new Uint32Array(2 ** (8 * BAND_BYTES) + 1);
  for (const row of rows) starts[bandOf(row) + 1] = (starts[bandOf(row) + 1] ?? 0) + 1;
  for (let band = 1; band < starts.length; band++) starts[band] = (starts[band] ?? 0) + (starts[band - 1] ?? 0);
  for (const row of rows) {
    const start = starts[bandOf(row)] ?? 0;
    order[start] = row;
    starts[bandOf(row)] = start + 1;
  }
}

/** Bits in which two hashes differ; counting stops where they are too many. */
function distance(hashes: Buffer, a: number, b: number): number {
  let bits = 0;
  for (let at = 0; at < HASH_BYTES && bits <= NEAR; at += 4) {
    bits += ones(hashes.readInt32LE(a * HASH_BYTES + at) ^ hashes.readInt32LE(b * HASH_BYTES + at));
  }
  return bits;
}

/** The number of set bits of an int32 (Hacker's Delight, 5-1). */
function ones(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
