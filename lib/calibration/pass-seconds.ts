import type { CutCost } from '../backbones/count-costs.ts';
import type { PassRates } from '../contracts/machine-profile.ts';

/** The operations of a pass for one image. */
export type PassCost = Pick<CutCost, 'multiplyAdds' | 'depthwise' | 'elements' | 'layers'>;

/** Estimates the seconds for a pass of one batch through a network. */
export function passSeconds({ multiplyAdds, depthwise, elements, layers }: PassCost, batch: number, rates: PassRates): number {
  const image =
    ((multiplyAdds - depthwise) * rates.dense + depthwise * rates.depthwise) / 1e9 + (elements / 1e6) * rates.elements;
  return image * batch + layers * rates.layer;
}

/**
 * Scales rates to a machine that takes `factor` times as long.
 * @param dense factor for dense multiply-adds, if it differs
 */
export function scaleRates(rates: PassRates, factor: number, dense = factor): PassRates {
  return {
    dense: rates.dense * dense,
    depthwise: rates.depthwise * factor,
    elements: rates.elements * factor,
    layer: rates.layer * factor,
  };
}

/**
 * Counts the multiplications of one linear probe: the products of its rows, and for each of three ridge penalties a
 * Cholesky factor and its inverse.
 */
export function probeMultiplications(count: number, size: number): number {
  return (count ** 2 / 2) * size + count ** 3;
}
