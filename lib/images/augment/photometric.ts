import type { RandomStream } from '../../random.ts';
import type { ImageSize } from '../resize-bilinear.ts';
import type { Box } from './geometric.ts';

/** Stretches the values of each channel to the full range, in place. */
export function autoContrast(pixels: Float32Array): void {
  for (let channel = 0; channel < 3; channel++) {
    let [lowest, highest] = [255, 0];
    for (let i = channel; i < pixels.length; i += 3) {
      const value = pixels[i] ?? 0;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (highest <= lowest) continue;
    const scale = 255 / (highest - lowest);
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = Math.min(255, ((pixels[i] ?? 0) - lowest) * scale);
  }
}

/** Adds `delta`, on the scale 0..255, to every value, in place. */
export function brightness(pixels: Float32Array, delta: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = clip((pixels[i] ?? 0) + delta);
}

/** Multiplies each value's distance from its channel's mean by `factor`, in place. */
export function contrast(pixels: Float32Array, factor: number): void {
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    for (let i = channel; i < pixels.length; i += 3) sum += pixels[i] ?? 0;
    const mean = (3 * sum) / pixels.length;
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = clip(mean + ((pixels[i] ?? 0) - mean) * factor);
  }
}

/** Equalizes the histogram of each channel, in place. Values are rounded first. */
export function equalize(pixels: Float32Array): void {
  for (let channel = 0; channel < 3; channel++) {
    const histogram = new Uint32Array(256);
    for (let i = channel; i < pixels.length; i += 3) count(histogram, Math.round(pixels[i] ?? 0));
    const table = equalizing(histogram, pixels.length / 3);
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = table[Math.round(pixels[i] ?? 0)] ?? 0;
  }
}

/** Returns the lookup table of Pillow's `ImageOps.equalize`. */
function equalizing(histogram: Uint32Array, pixels: number): Uint8Array {
  const most = histogram.findLast((frequency) => frequency > 0) ?? 0;
  const step = Math.floor((pixels - most) / 255);
  if (step === 0) return Uint8Array.from(histogram, (_, value) => value);
  let sum = Math.floor(step / 2);
  return Uint8Array.from(histogram, (frequency) => {
    const value = Math.min(255, Math.floor(sum / step));
    sum += frequency;
    return value;
  });
}

function count(histogram: Uint32Array, value: number): void {
  histogram[value] = (histogram[value] ?? 0) + 1;
}

/** Fills a rectangle of whole pixels with noise, in place (Random Erasing: Zhong et al., arXiv:1708.04896). */
export function erase(pixels: Float32Array, [, width]: ImageSize, box: Box, { next }: RandomStream): void {
  for (let y = box.top; y < box.top + box.height; y++) {
    const start = (y * width + box.left) * 3;
    for (let i = start; i < start + box.width * 3; i++) pixels[i] = 255 * next();
  }
}

/** Shifts the HSV hue of every pixel by a share of the full circle, in place. Keeps saturation and value. */
export function hue(pixels: Float32Array, turn: number): void {
  if (turn === 0) return;
  for (let i = 0; i < pixels.length; i += 3) {
    const red = pixels[i] ?? 0;
    const green = pixels[i + 1] ?? 0;
    const blue = pixels[i + 2] ?? 0;
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const turned = sixthOf(red, green, blue, value, chroma) + 6 * turn + 6;
    pixels[i] = channelOf(5 + turned, value, chroma);
    pixels[i + 1] = channelOf(3 + turned, value, chroma);
    pixels[i + 2] = channelOf(1 + turned, value, chroma);
  }
}

/** Returns the hue in sixths of the circle: red 0, green 2, blue 4. */
function sixthOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (value === red) return (green - blue) / chroma;
  return value === green ? 2 + (blue - red) / chroma : 4 + (red - green) / chroma;
}

function channelOf(sixth: number, value: number, chroma: number): number {
  const k = sixth % 6;
  return value - chroma * Math.max(0, Math.min(k, 4 - k, 1));
}

/** Keeps the `bits` highest bits of every value, in place; 8 changes nothing. */
export function posterize(pixels: Float32Array, bits: number): void {
  if (bits >= 8) return;
  const step = 2 ** (8 - bits);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.floor((pixels[i] ?? 0) / step) * step;
}

/** Multiplies the HSV saturation of every pixel by `factor`, up to the maximum, in place. Keeps hue and value. */
export function saturation(pixels: Float32Array, factor: number): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const red = pixels[i] ?? 0;
    const green = pixels[i + 1] ?? 0;
    const blue = pixels[i + 2] ?? 0;
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const scale = Math.min(factor, value / chroma);
    pixels[i] = clip(value - (value - red) * scale);
    pixels[i + 1] = clip(value - (value - green) * scale);
    pixels[i + 2] = clip(value - (value - blue) * scale);
  }
}

/**
 * Interpolates, in place, between a smoothed image (0) and the image itself (1), and extrapolates beyond. The border
 * stays unchanged, as in Pillow.
 */
export function sharpness(pixels: Float32Array, [height, width]: ImageSize, factor: number): void {
  if (factor === 1) return;
  const row = width * 3;
  const source = pixels.slice();
  const at = (i: number): number => source[i] ?? 0;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      const above = at(i - row - 3) + at(i - row) + at(i - row + 3);
      const below = at(i + row - 3) + at(i + row) + at(i + row + 3);
      const smooth = (above + at(i - 3) + 5 * at(i) + at(i + 3) + below) / 13;
      pixels[i] = clip(smooth + (at(i) - smooth) * factor);
    }
  }
}

/** Inverts the values at and above a threshold, in place. */
export function solarize(pixels: Float32Array, threshold: number): void {
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] ?? 0;
    if (value >= threshold) pixels[i] = 255 - value;
  }
}

/** Clips a value to 0..255. */
function clip(value: number): number {
  return Math.min(Math.max(value, 0), 255);
}
