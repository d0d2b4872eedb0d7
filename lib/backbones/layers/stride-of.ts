import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/** Pixels of the image for one of this map, in each direction: the product of the strides between them. */
export function strideOf(map: SymbolicTensor): number {
  let stride = 1;
  for (let at: SymbolicTensor | undefined = map; at; at = at.inputs[0]) {
    const { strides } = at.sourceLayer.getConfig();
    const [first] = Array.isArray(strides) ? strides : [strides];
    if (typeof first === 'number') stride *= first;
  }
  return stride;
}
