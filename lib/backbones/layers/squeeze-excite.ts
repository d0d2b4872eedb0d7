import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { BackboneActivation } from './functional.ts';
import { channels, conv2d, globalAveragePool, multiply, reshape } from './functional.ts';

/**
 * Applies squeeze-and-excite (Hu et al., arXiv:1709.01507): a small network computes each channel's weight from the
 * means of all channels.
 */
export function squeezeExcite(
  x: SymbolicTensor,
  prefix: string,
  bottleneck: number,
  activation: BackboneActivation,
): SymbolicTensor {
  const filters = channels(x);
  const means = reshape(globalAveragePool(x, `${prefix}squeeze`), `${prefix}reshape`, [1, 1, filters]);
  const reduced = conv2d(means, `${prefix}reduce`, bottleneck, { kernel: 1, bias: true, activation });
  const gate = conv2d(reduced, `${prefix}expand`, filters, { kernel: 1, bias: true, activation: 'sigmoid' });
  return multiply([x, gate], `${prefix}excite`);
}
