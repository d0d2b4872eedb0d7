import { at } from '../arithmetic.ts';
import type { CropWindow } from '../images/fit-to-input.ts';
import { drawOver } from '../images/open-image.ts';
import { createSemaphore } from '../images/semaphore.ts';
import { writeInfernoColour } from './colour-map.ts';
import type { Heat } from './explainer.ts';

/** Bounds the size of a picture: eight of them fit into the response of a Lambda function, even if nothing compresses. */
const SIDE = 384;
/** Opacity of the hottest cell. */
const MOST_OPAQUE = 0.8;
const ALL: CropWindow = { left: 0, top: 0, width: 1, height: 1 };
/** Decoding a large photograph takes hundreds of megabytes. */
const oneAtOnce = createSemaphore(1);

/** The heat to draw. */
export interface DrawnHeat extends Omit<Heat, 'method'> {
  /** The part of the image that the heat covers, as shares of its width and height. Default: all of it. */
  readonly crop?: CropWindow | undefined;
}

/**
 * Draws the heat over an image: the hotter, the brighter and the less transparent. Where there is none, the image shows
 * unchanged.
 * @param bytes the image, in a format that `decodeImage` accepts
 * @param side pixels of the longer side; default: 384
 * @param format default: a PNG
 */
export async function drawOverlay(
  bytes: Uint8Array,
  heat: DrawnHeat,
  { side = SIDE, format = 'png' }: { readonly side?: number; readonly format?: 'png' | 'jpeg' } = {},
): Promise<Uint8Array> {
  return oneAtOnce.run(1, () => drawOver(bytes, side, (width, height) => heatLayer(heat, width, height), format));
}

/** @returns uint8 [height, width, 4], sRGB and opacity */
function heatLayer({ grid: [rows, columns], values, crop = ALL }: DrawnHeat, width: number, height: number): Buffer {
  const most = Math.max(...values);
  const layer = Buffer.alloc(width * height * 4);
  if (most <= 0) return layer;
  const value = (row: number, column: number): number => at(values, row * columns + column) / most;
  const [left, top] = [Math.round(crop.left * width), Math.round(crop.top * height)];
  const [wide, high] = [Math.round(crop.width * width), Math.round(crop.height * height)];
  const across = Array.from({ length: wide }, (_, x) => neighbours(x, wide, columns));
  /** The heat of the current row of pixels at the centre of each column of cells. */
  const line = new Float64Array(columns);
  for (let y = 0; y < high; y++) {
    const down = neighbours(y, high, rows);
    for (let column = 0; column < columns; column++)
      line[column] = mix(value(down.before, column), value(down.after, column), down.share);
    let offset = ((top + y) * width + left) * 4;
    for (const { before, after, share } of across) {
      const heat = mix(at(line, before), at(line, after), share);
      writeInfernoColour(heat, layer, offset);
      layer[offset + 3] = Math.round(255 * MOST_OPAQUE * heat);
      offset += 4;
    }
  }
  return layer;
}

/** The cells whose centres a pixel lies between, and how near it is to the second. */
function neighbours(pixel: number, pixels: number, cells: number): { before: number; after: number; share: number } {
  const position = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) * cells) / pixels - 0.5));
  const before = Math.floor(position);
  return { before, after: Math.min(before + 1, cells - 1), share: position - before };
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
