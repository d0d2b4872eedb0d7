import type { RandomStream } from '../../random.ts';
import type { ImageSize } from '../resize-bilinear.ts';
import { type Change, move, recolour } from './change.ts';
import { rotate, shear, translate } from './geometric.ts';
import { autoContrast, brightness, contrast, equalize, posterize, saturation, sharpness, solarize } from './photometric.ts';

/**
 * One operation of RandAugment.
 * @param amount -1..1; an operation with only one direction ignores the sign
 */
type Operation = (amount: number, size: ImageSize) => readonly Change[];

/** The operations of RandAugment; an amount of 1 is full strength. */
const operations: readonly Operation[] = [
  () => [],
  () => [recolour(autoContrast)],
  () => [recolour(equalize)],
  (amount) => [recolour((pixels) => solarize(pixels, 256 - 256 * Math.abs(amount)))],
  (amount) => [recolour((pixels) => posterize(pixels, 8 - Math.round(4 * Math.abs(amount))))],
  (amount) => [recolour((pixels) => brightness(pixels, 0.4 * 255 * amount))],
  (amount) => [recolour((pixels) => contrast(pixels, 1 + 0.9 * amount))],
  (amount) => [recolour((pixels) => saturation(pixels, 1 + 0.9 * amount))],
  (amount) => [recolour((pixels, size) => sharpness(pixels, size, 1 + 0.9 * amount))],
  (amount, size) => [move(rotate(size, (amount * Math.PI) / 6))],
  (amount, size) => [move(shear(size, { across: 0.3 * amount }))],
  (amount, size) => [move(shear(size, { down: 0.3 * amount }))],
  (amount, size) => [move(translate(size, { right: 0.3 * amount }))],
  (amount, size) => [move(translate(size, { down: 0.3 * amount }))],
];

/**
 * Draws `count` RandAugment operations with replacement, all of the same strength (Cubuk et al., arXiv:1909.13719).
 * @param magnitude 0..10
 */
export function randAugment(
  { operations: count, magnitude }: { readonly operations: number; readonly magnitude: number },
  size: ImageSize,
  stream: RandomStream,
): readonly Change[] {
  return Array.from({ length: count }, () => {
    const operation = operations[stream.integer(operations.length)];
    const amount = (stream.next() < 0.5 ? -magnitude : magnitude) / 10;
    return operation?.(amount, size) ?? [];
  }).flat();
}
