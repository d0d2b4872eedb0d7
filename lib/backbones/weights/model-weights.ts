import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import type { WeightTensor } from './weight-file.ts';

/** A weight of a model, under the name that it has in Keras's weight files. */
export interface ModelWeight {
  /** `layer/weight`: `block2a_dwconv/depthwise_kernel`. */
  readonly label: string;
  readonly layer: string;
  readonly variable: LayerVariable;
}

/** All weights, layer by layer in the model's order; in a layer as Keras orders them: those that train, then the others. */
export function modelWeights(model: LayersModel): ModelWeight[] {
  return model.layers.flatMap((layer) =>
    layer.weights.map((variable) => ({ label: variable.originalName, layer: layer.name, variable })),
  );
}

/** Gives a weight of a model its values. Both have the same shape. */
export function writeWeight(variable: LayerVariable, { shape, data }: WeightTensor): void {
  tf.tidy(() => void variable.write(tf.tensor(data, [...shape], variable.dtype)));
}
