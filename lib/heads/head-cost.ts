import { sum } from '../arithmetic.ts';
import type { HeadLayer } from '../contracts/head-spec.ts';

/**
 * Counts a head's multiply-adds per example and its parameters.
 * @param features length of the flattened input
 */
export function headCost(
  layers: readonly HeadLayer[],
  features: number,
  classes: number,
): { readonly multiplyAdds: number; readonly parameters: number } {
  const widths = [features, ...layers.flatMap((layer) => (layer.layer === 'dense' ? [layer.units] : [])), classes];
  const kernels = widths.slice(1).reduce((sum, width, i) => sum + width * (widths[i] ?? 0), 0);
  return { multiplyAdds: kernels, parameters: kernels + sum(widths.slice(1)) };
}
