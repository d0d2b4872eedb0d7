import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

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
