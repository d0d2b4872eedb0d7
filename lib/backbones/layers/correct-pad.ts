import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { zeroPad } from './functional.ts';

/**
 * Keras's `correct_pad`: pads with zeros before a strided `valid` convolution, with one row and column less before an
 * even input, so that the result equals TensorFlow's `same`.
 */
export function correctPad(x: SymbolicTensor, name: string, kernel: number): SymbolicTensor {
  const half = Math.floor(kernel / 2);
  const [, height, width] = x.shape;
  const before = (size: number | null | undefined): number => half - 1 + ((size ?? 0) % 2);
  return zeroPad(x, name, [
    [before(height), half],
    [before(width), half],
  ]);
}
