import type { LoadedBackbone, LoadOptions } from './load-backbone.ts';
import { loadBackbone } from './load-backbone.ts';
import type { WeightSource } from './weight-source.ts';

/**
 * Builds a backbone and gives it the weights of a source. What was read is nobody's afterwards, so that an export that follows does
 * not hold them a second time.
 * @throws as loadBackbone, and as the source's `read`
 */
export async function openBackbone(source: WeightSource, options: Omit<LoadOptions, 'weights'>): Promise<LoadedBackbone> {
  return loadBackbone({ ...options, weights: await source.read() });
}
