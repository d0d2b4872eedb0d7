import type * as tfl from '@tensorflow/tfjs-layers';
import { product, sumOf } from '../arithmetic.ts';
import { tensorsInOrder } from '../tensor/layer-graph.ts';
import type { Backbone } from './build-backbone.ts';

/** The cost per image of the layers from the images to a cut. */
export interface CutCost {
  readonly name: string;
  readonly layer: string;
  /** Image pixels per map pixel, in each direction. */
  readonly stride: number;
  readonly channels: number;
  /** Multiply-adds in convolutions and dense layers. One is a multiplication and an addition. */
  readonly multiplyAdds: number;
  /** Multiply-adds of depthwise convolutions, included in `multiplyAdds`. Every runtime is slower at these. */
  readonly depthwise: number;
  /** Total output elements of all layers, since moving data also takes time. */
  readonly elements: number;
  /** Layers that compute something. */
  readonly layers: number;
  readonly parameters: number;
}

/** Counts the cost of a backbone up to each of its cuts, at the input size that it was built for. */
export function countCosts({ model, cuts }: Pick<Backbone, 'model' | 'cuts'>): CutCost[] {
  return cuts.map(({ name, layer, stride, channels }) => ({
    name,
    layer,
    stride,
    channels,
    ...countPass(model.getLayer(layer).output),
  }));
}

/** Counts the cost of one image's pass from a network's input to one of its outputs. */
export function countPass(
  output: tfl.SymbolicTensor | tfl.SymbolicTensor[],
): Omit<CutCost, 'name' | 'layer' | 'stride' | 'channels'> {
  const tensors = tensorsInOrder(output);
  const layers = new Set(tensors.map(({ sourceLayer }) => sourceLayer));
  const computed = tensors.filter(({ inputs }) => inputs.length > 0);
  return {
    multiplyAdds: sumOf(tensors, multiplyAdds),
    depthwise: sumOf(tensors, depthwiseMultiplyAdds),
    elements: sumOf(computed, ({ shape }) => elements(shape.slice(1))),
    layers: computed.length,
    parameters: sumOf([...layers], (layer) => layer.countParams()),
  };
}

function multiplyAdds(tensor: tfl.SymbolicTensor): number {
  return kernelUses(tensor, () => true);
}

/**
 * Counts a layer's depthwise multiply-adds. A separable convolution counts with its first kernel only, which has a
 * filter for each channel.
 */
function depthwiseMultiplyAdds(tensor: tfl.SymbolicTensor): number {
  return kernelUses(tensor, ({ name }) => name.includes('depthwise'));
}

/** Counts how often kernel weights are used: each weight once per output position. */
function kernelUses({ sourceLayer, shape }: tfl.SymbolicTensor, counts: (weight: { readonly name: string }) => boolean): number {
  const positions = elements(shape.slice(1, -1));
  const kernels = sourceLayer.weights.filter((weight) => weight.shape.length > 1 && counts(weight));
  return positions * sumOf(kernels, (kernel) => elements(kernel.shape));
}

/** Counts a tensor's elements per image. An unknown size counts as 1. */
function elements(shape: readonly (number | null)[]): number {
  return product(shape.map((side) => side ?? 1));
}
