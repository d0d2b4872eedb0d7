import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { leafLayers } from './leaf-layers.ts';

/**
 * Disposes the weights of a model, which cannot be used afterwards. TF.js keeps variables until they are disposed, also
 * those that nothing refers to.
 * @param keep a model with layers of the same, whose weights stay
 */
export function disposeWeights(model: LayersModel, keep?: LayersModel): void {
  const kept = new Set(keep && weightsOf(keep));
  for (const weight of weightsOf(model)) if (!kept.has(weight)) weight.dispose();
}

function weightsOf(model: LayersModel): LayerVariable[] {
  return leafLayers(model).flatMap(({ layer }) => layer.weights);
}
