import type * as tfl from '@tensorflow/tfjs-layers';
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
  readonly parameters: number;
}

/** The cost of a backbone up to each of its cuts, at the input size that it was built for. */
export function countCosts({ model, cuts }: Pick<Backbone, 'model' | 'cuts'>): CutCost[] {
  return cuts.map(({ name, layer, stride, channels }) => {
    const tensors = tensorsBefore(model.getLayer(layer).output);
    const layers = new Set(tensors.map(({ sourceLayer }) => sourceLayer));
    return {
      name,
      layer,
      stride,
      channels,
      multiplyAdds: sum(tensors, multiplyAdds),
      parameters: sum([...layers], (layer) => layer.countParams()),
    };
  });
}

/** An output of these layers, and all that it is made of. */
export function tensorsBefore(output: tfl.SymbolicTensor | tfl.SymbolicTensor[]): tfl.SymbolicTensor[] {
  const seen = new Set<tfl.SymbolicTensor>();
  const open = [output].flat();
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    open.push(...tensor.inputs);
  }
  return [...seen];
}

/** Every number of a kernel is used once at each place of the output. */
function multiplyAdds({ sourceLayer, shape }: tfl.SymbolicTensor): number {
  const places = product(shape.slice(1, -1));
  const kernels = sourceLayer.weights.filter((weight) => weight.shape.length > 1);
  return places * sum(kernels, (kernel) => product(kernel.shape));
}

function product(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((size, side) => size * (side ?? 1), 1);
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
