import { at } from '../arithmetic.ts';

/** How a tensor of activations is stored as uint8: value = (q - zeroPoint) * scale. */
export interface ActivationRange {
  readonly scale: number;
  readonly zeroPoint: number;
}

const BINS = 2048;
const LEVELS = 255;
/** The shares of the whole range that are tried, largest first. */
const SHARES = Array.from({ length: 40 }, (_, i) => 1 - i * 0.0225);

/**
 * Chooses the range of a tensor with the least mean squared error between its values and their uint8 form. It always
 * contains 0, which pads and rectified values need exactly.
 * @param values a sample of the tensor's values
 * @param low the least value of the whole tensor
 * @param high the greatest value
 */
export function chooseRange(values: Float32Array, low: number, high: number): ActivationRange {
  const least = Math.min(low, 0);
  const most = Math.max(high, 0);
  const whole = rangeOf(least, most);
  const width = (most - least) / BINS;
  if (!(width > 0)) return whole;
  const counts = new Float64Array(BINS);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - least) / width));
    counts[bin] = at(counts, bin) + 1;
  }
  let best = whole;
  let bestError = Number.POSITIVE_INFINITY;
  for (const share of SHARES) {
    const range = rangeOf(least * share, most * share);
    const error = squaredError(counts, least, width, range);
    if (error < bestError) [best, bestError] = [range, error];
  }
  return best;
}

function rangeOf(low: number, high: number): ActivationRange {
  // Slightly less than the range, so that rounding never exceeds the limit of an activation such as 6.
  const scale = Math.fround(Math.max(((high - low) / LEVELS) * (1 - 1e-6), 1e-8));
  return { scale, zeroPoint: Math.min(LEVELS, Math.max(0, Math.round(-low / scale))) };
}

function squaredError(counts: Float64Array, least: number, width: number, { scale, zeroPoint }: ActivationRange): number {
  // Within a step, the error is uniform; beyond the range, it is the distance to its end.
  const inside = (scale * scale) / 12;
  const low = -zeroPoint * scale;
  const high = (LEVELS - zeroPoint) * scale;
  let total = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const count = at(counts, bin);
    if (count === 0) continue;
    const value = least + (bin + 0.5) * width;
    const beyond = value < low ? low - value : value > high ? value - high : 0;
    total += count * (beyond * beyond + inside);
  }
  return total;
}
