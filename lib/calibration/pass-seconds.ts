import type { CutCost } from '../backbones/count-costs.ts';
import type { PassRates } from '../contracts/machine-profile.ts';

/** What a pass of one image costs, by what it is made of. */
export type PassCost = Pick<CutCost, 'multiplyAdds' | 'depthwise' | 'elements' | 'layers'>;

/** Seconds of a pass of a batch through a network. */
export function passSeconds({ multiplyAdds, depthwise, elements, layers }: PassCost, batch: number, rates: PassRates): number {
  const image =
    ((multiplyAdds - depthwise) * rates.dense + depthwise * rates.depthwise) / 1e9 + (elements / 1e6) * rates.elements;
  return image * batch + layers * rates.layer;
}

/** The same rates on a machine that takes so many times as long. @param dense of dense multiply-adds, where that differs */
export function scaleRates(rates: PassRates, factor: number, dense = factor): PassRates {
  return {
    dense: rates.dense * dense,
    depthwise: rates.depthwise * factor,
    elements: rates.elements * factor,
    layer: rates.layer * factor,
  };
}

/**
 * Multiplications of one linear probe: the products of its rows, and for each of three ridges a Cholesky factor and its
 * inverse.
 */
export function probeMultiplications(count: number, size: number): number {
  return (count ** 2 / 2) * size + count ** 3;
}
