import type { RgbImage } from './rgb-image.ts';

/** [height, width] in pixels. */
export type ImageSize = readonly [height: number, width: number];

/**
 * Resizes an image as `tf.image.resize(image, size)` and Keras's preprocessing do: bilinear with half-pixel centres and
 * no antialiasing. Each step is rounded to float32 in TensorFlow's order, so that the results are bit-identical.
 * @param target array to write to; default: new memory
 * @returns float32 [height, width, 3], RGB 0..255
 * @example
 * ```ts
 * const pixels = resizeBilinear(await decodeImage(file), [224, 224]);
 * ```
 */
export function resizeBilinear(
  image: RgbImage,
  [height, width]: ImageSize,
  target: Float32Array = new Float32Array(height * width * 3),
): Float32Array {
  if (image.height === height && image.width === width) {
    target.set(image.data);
    return target;
  }
  const rows = interpolation(image.height, height);
  const columns = interpolation(image.width, width);
  let above = { row: -1, values: new Float32Array(width * 3) };
  let below = { row: -1, values: new Float32Array(width * 3) };
  for (let y = 0; y < height; y++) {
    const before = rows.before[y] ?? 0;
    const after = rows.after[y] ?? 0;
    // The row below is often the next step's row above.
    if (below.row === before) [above, below] = [below, above];
    fillRow(above, before, image, columns);
    fillRow(below, after, image, columns);
    mix(above.values, below.values, rows.share[y] ?? 0, target, y * width * 3);
  }
  return target;
}

/** For each target position: the source positions before and after it, and the weight of the second. */
interface Interpolation {
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly share: Float32Array;
}

function interpolation(from: number, to: number): Interpolation {
  const before = new Int32Array(to);
  const after = new Int32Array(to);
  const share = new Float32Array(to);
  const scale = Math.fround(from / to);
  for (let i = 0; i < to; i++) {
    const centre = Math.fround(Math.fround((i + 0.5) * scale) - 0.5);
    const floor = Math.floor(centre);
    before[i] = Math.max(floor, 0);
    after[i] = Math.min(Math.ceil(centre), from - 1);
    share[i] = centre - floor;
  }
  return { before, after, share };
}

interface Row {
  row: number;
  readonly values: Float32Array;
}

/** Fills `target` with a source row, interpolated horizontally. Does nothing if `target` holds that row already. */
function fillRow(target: Row, row: number, { width, data }: RgbImage, { before, after, share }: Interpolation): void {
  if (target.row === row) return;
  target.row = row;
  const start = row * width * 3;
  const { values } = target;
  for (let x = 0, at = 0; x < share.length; x++, at += 3) {
    const left = start + (before[x] ?? 0) * 3;
    const right = start + (after[x] ?? 0) * 3;
    const part = share[x] ?? 0;
    values[at] = lerp(data[left] ?? 0, data[right] ?? 0, part);
    values[at + 1] = lerp(data[left + 1] ?? 0, data[right + 1] ?? 0, part);
    values[at + 2] = lerp(data[left + 2] ?? 0, data[right + 2] ?? 0, part);
  }
}

function mix(above: Float32Array, below: Float32Array, share: number, target: Float32Array, start: number): void {
  for (let i = 0; i < above.length; i++) target[start + i] = lerp(above[i] ?? 0, below[i] ?? 0, share);
}

function lerp(from: number, to: number, share: number): number {
  return Math.fround(from + Math.fround(Math.fround(to - from) * share));
}
