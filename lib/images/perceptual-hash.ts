import type { RgbImage } from './rgb-image.ts';

/** The image is averaged into CELLS x CELLS cells; FREQUENCIES x FREQUENCIES frequencies of them are kept. */
const CELLS = 32;
const FREQUENCIES = 16;
/** Samples per side of a cell, enough for its mean. */
const SAMPLES = 8;
/** On the scale 0..255: an image whose brightness varies less is plain and would match every other plain image. */
const PLAIN = 2;

/**
 * Computes a 256-bit perceptual hash: one bit for each of the 16 x 16 lowest frequencies (discrete cosine transform of
 * the brightness), set if the frequency is above their median. Copies that are compressed or resized differ in a few
 * bits; different images differ in 60 or more (C. Zauner, Implementation and Benchmarking of Perceptual Image Hash
 * Functions, 2010).
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

/** Computes the mean brightness (Rec. 601) of each cell, [CELLS, CELLS]. */
function brightness({ width, height, data }: RgbImage): Float64Array {
  const cells = new Float64Array(CELLS * CELLS);
  const rows = spans(height);
  const columns = spans(width);
  for (let row = 0; row < CELLS; row++) {
    const [top = 0, bottom = 0, down = 1] = rows.subarray(row * 3, row * 3 + 3);
    for (let column = 0; column < CELLS; column++) {
      const left = columns[column * 3] ?? 0;
      const right = columns[column * 3 + 1] ?? 0;
      const across = columns[column * 3 + 2] ?? 1;
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

/** Returns the sampled pixels of each cell along one side, [CELLS, 3]: start, end and step. */
function spans(size: number): Uint32Array {
  const all = new Uint32Array(CELLS * 3);
  for (let cell = 0; cell < CELLS; cell++) {
    const from = Math.floor((cell * size) / CELLS);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * size) / CELLS));
    all.set([from, to, Math.max(1, Math.floor((to - from) / SAMPLES))], cell * 3);
  }
  return all;
}

function deviation(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

/** Cosine basis, [FREQUENCIES, CELLS]. */
const cosines = Float64Array.from({ length: FREQUENCIES * CELLS }, (_, index) => {
  const [frequency, cell] = [Math.floor(index / CELLS), index % CELLS];
  return Math.cos(((2 * cell + 1) * frequency * Math.PI) / (2 * CELLS));
});

/**
 * Computes the lowest frequencies of the cells, [FREQUENCIES, FREQUENCIES]. The mean brightness carries no information
 * and is set to 0.
 */
function lowFrequencies(cells: Float64Array): Float64Array {
  // Transposed, so that both passes read along rows.
  const across = new Float64Array(FREQUENCIES * CELLS);
  for (let row = 0; row < CELLS; row++) {
    const line = cells.subarray(row * CELLS, (row + 1) * CELLS);
    for (let frequency = 0; frequency < FREQUENCIES; frequency++) across[frequency * CELLS + row] = dot(line, frequency);
  }
  const all = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let column = 0; column < FREQUENCIES; column++) {
    const line = across.subarray(column * CELLS, (column + 1) * CELLS);
    for (let frequency = 0; frequency < FREQUENCIES; frequency++) all[frequency * FREQUENCIES + column] = dot(line, frequency);
  }
  all[0] = 0;
  return all;
}

function dot(line: Float64Array, frequency: number): number {
  const start = frequency * CELLS;
  let sum = 0;
  for (let cell = 0; cell < CELLS; cell++) sum += (cosines[start + cell] ?? 0) * (line[cell] ?? 0);
  return sum;
}
