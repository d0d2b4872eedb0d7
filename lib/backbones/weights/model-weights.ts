import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import type { WeightTensor } from './weight-file.ts';

/** A weight of a model, with its name in Keras's weight files. */
export interface ModelWeight {
  /** `layer/weight`: `block2a_dwconv/depthwise_kernel`. */
  readonly label: string;
  readonly layer: string;
  readonly variable: LayerVariable;
}

/**
 * Lists all weights, layer by layer in the model's order. Each layer's are in Keras's order: trainable ones first.
 */
export function modelWeights(model: LayersModel): ModelWeight[] {
  return model.layers.flatMap((layer) =>
    layer.weights.map((variable) => ({ label: variable.originalName, layer: layer.name, variable })),
  );
}

/** Sets the values of a model's weight. Both must have the same shape. */
export function writeWeight(variable: LayerVariable, { shape, data }: WeightTensor): void {
  // The weight may keep the array, and with a view of a file's buffer the whole file.
  const own = data.byteLength < data.buffer.byteLength ? data.slice() : data;
  tf.tidy(() => void variable.write(tf.tensor(own, [...shape], variable.dtype)));
}
