import type * as tfl from '@tensorflow/tfjs-layers';
import { product, sumOf } from '../arithmetic.ts';
import { tensorsInOrder } from '../tensor/layer-graph.ts';
import type { Backbone } from './build-backbone.ts';

/** What the layers from the images up to a cut cost for one image. */
export interface CutCost {
  readonly name: string;
  readonly layer: string;
  /** Pixels of the image for one of the map. */
  readonly stride: number;
  readonly channels: number;
  /** One multiplication and one addition, in convolutions and dense layers. */
  readonly multiplyAdds: number;
  /** Of the multiply-adds, those of depthwise convolutions, which no runtime does as fast as the others. */
  readonly depthwise: number;
  /** Numbers that the layers put out, one after the other: moving them takes time, too. */
  readonly elements: number;
  /** Layers that compute something. */
  readonly layers: number;
  readonly parameters: number;
}

/** The cost of a backbone up to each of its cuts, at the input size that it was built for. */
export function countCosts({ model, cuts }: Pick<Backbone, 'model' | 'cuts'>): CutCost[] {
  return cuts.map(({ name, layer, stride, channels }) => ({
    name,
    layer,
    stride,
    channels,
    ...countPass(model.getLayer(layer).output),
  }));
}

/** What a pass of one image from the input of a network to one of its outputs costs. */
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

/** Of a separable convolution the first kernel alone, which has a filter for each channel. */
function depthwiseMultiplyAdds(tensor: tfl.SymbolicTensor): number {
  return kernelUses(tensor, ({ name }) => name.includes('depthwise'));
}

/** Every number of a kernel is used once at each place of the output. */
function kernelUses({ sourceLayer, shape }: tfl.SymbolicTensor, counts: (weight: { readonly name: string }) => boolean): number {
  const places = elements(shape.slice(1, -1));
  const kernels = sourceLayer.weights.filter((weight) => weight.shape.length > 1 && counts(weight));
  return places * sumOf(kernels, (kernel) => elements(kernel.shape));
}

/** Elements of an image's part of a tensor; an open size counts once. */
function elements(shape: readonly (number | null)[]): number {
  return product(shape.map((side) => side ?? 1));
}
