import type { RgbImage } from './rgb-image.ts';

/** [height, width] in pixels. */
export type ImageSize = readonly [height: number, width: number];

/** A part of an image, in pixels. */
export interface ImagePart {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Resizes an image as `tf.image.resize(image, size)` and Keras's preprocessing do: bilinear with half-pixel centres and
 * no antialiasing. Each step is rounded to float32 in TensorFlow's order, so that the results are bit-identical.
 * @param target array to write to; default: new memory
 * @param part of the image to resize; default: all of it
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
  part: ImagePart = { left: 0, top: 0, width: image.width, height: image.height },
): Float32Array {
  if ([image, part].every((each) => each.height === height && each.width === width)) {
    target.set(image.data);
    return target;
  }
  const rows = interpolation(part.height, height);
  const columns = interpolation(part.width, width);
  let above = { row: -1, values: new Float32Array(width * 3) };
  let below = { row: -1, values: new Float32Array(width * 3) };
  for (let y = 0; y < height; y++) {
    const before = rows.before[y] ?? 0;
    const after = rows.after[y] ?? 0;
    // The row below is often the next step's row above.
    if (below.row === before) [above, below] = [below, above];
    fillRow(above, before, image, part, columns);
    fillRow(below, after, image, part, columns);
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

/** Fills `target` with a row of the part, interpolated horizontally. Does nothing if `target` holds that row already. */
function fillRow(
  target: Row,
  row: number,
  { width, data }: RgbImage,
  { left: first, top }: ImagePart,
  { before, after, share }: Interpolation,
): void {
  if (target.row === row) return;
  target.row = row;
  const start = ((top + row) * width + first) * 3;
  const { values } = target;
  for (let x = 0, at = 0; x < share.length; x++, at += 3) {
    const left = start + (before[x] ?? 0) * 3;
    const right = start + (after[x] ?? 0) * 3;
    const weight = share[x] ?? 0;
    values[at] = lerp(data[left] ?? 0, data[right] ?? 0, weight);
    values[at + 1] = lerp(data[left + 1] ?? 0, data[right + 1] ?? 0, weight);
    values[at + 2] = lerp(data[left + 2] ?? 0, data[right + 2] ?? 0, weight);
  }
}

function mix(above: Float32Array, below: Float32Array, share: number, target: Float32Array, start: number): void {
  for (let i = 0; i < above.length; i++) target[start + i] = lerp(above[i] ?? 0, below[i] ?? 0, share);
}

function lerp(from: number, to: number, share: number): number {
  return Math.fround(from + Math.fround(Math.fround(to - from) * share));
}
