import type { RgbImage } from './decode-image.ts';

/** Cells a side that an image is averaged into, and frequencies a side that are kept of them. */
const CELLS = 32;
const FREQUENCIES = 16;
/** Pixels of a cell that are looked at, a side: enough for its mean. */
const SAMPLES = 8;
/** Of 255: an image whose brightness varies less is plain, and would look like every other plain one. */
const PLAIN = 2;

/**
 * 256 bits of what an image looks like: which of its 16 x 16 lowest frequencies (discrete cosine transform of its brightness) are
 * above their median. The same picture, compressed or resized anew, differs in a few bits; different pictures in 60 and more
 * (C. Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010).
 * @returns 64 hexadecimal digits, or undefined for a plain image
 */
export function perceptualHash(image: RgbImage): string | undefined {
  const cells = brightness(image);
  if (deviation(cells) < PLAIN) return undefined;
  const coefficients = lowFrequencies(cells);
  const median = coefficients.toSorted()[coefficients.length / 2] ?? 0;
  const bytes = new Uint8Array(coefficients.length / 8);
  coefficients.forEach((value, bit) => {
    if (value > median) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  });
  return Buffer.from(bytes).toString('hex');
}

/** Mean brightness (Rec. 601) of each cell, [CELLS, CELLS]. */
function brightness({ width, height, data }: RgbImage): Float64Array {
  const cells = new Float64Array(CELLS * CELLS);
  const rows = spans(height);
  const columns = spans(width);
  for (const [row, [top, bottom, down]] of rows.entries()) {
    for (const [column, [left, right, across]] of columns.entries()) {
      let sum = 0;
      let count = 0;
      for (let y = top; y < bottom; y += down) {
        for (let x = left, at = (y * width + left) * 3; x < right; x += across, at += across * 3) {
          sum += 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
          count++;
        }
      }
      cells[row * CELLS + column] = sum / count;
    }
  }
  return cells;
}

/** The pixels of each cell along one side: from, to, and in which steps. */
function spans(size: number): [from: number, to: number, step: number][] {
  return Array.from({ length: CELLS }, (_, cell) => {
    const from = Math.floor((cell * size) / CELLS);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * size) / CELLS));
    return [from, to, Math.max(1, Math.floor((to - from) / SAMPLES))];
  });
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** cosines[frequency][cell] */
const cosines = Array.from({ length: FREQUENCIES }, (_, frequency) =>
  Float64Array.from({ length: CELLS }, (_, cell) => Math.cos(((2 * cell + 1) * frequency * Math.PI) / (2 * CELLS))),
);

/** The lowest frequencies of the cells, [FREQUENCIES, FREQUENCIES]; the mean brightness, which tells nothing, is 0. */
function lowFrequencies(cells: Float64Array): Float64Array {
  const across = new Float64Array(CELLS * FREQUENCIES);
  for (let row = 0; row < CELLS; row++) {
    for (const [frequency, wave] of cosines.entries()) {
      let sum = 0;
      for (let cell = 0; cell < CELLS; cell++) sum += (wave[cell] ?? 0) * (cells[row * CELLS + cell] ?? 0);
      across[row * FREQUENCIES + frequency] = sum;
    }
  }
  const all = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (const [frequency, wave] of cosines.entries()) {
    for (let column = 0; column < FREQUENCIES; column++) {
      let sum = 0;
      for (let row = 0; row < CELLS; row++) sum += (wave[row] ?? 0) * (across[row * FREQUENCIES + column] ?? 0);
      all[frequency * FREQUENCIES + column] = sum;
    }
  }
  all[0] = 0;
  return all;
}
