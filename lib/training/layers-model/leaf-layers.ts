import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

type Layer = tfl.layers.Layer;

/** A layer that is not a model, and whether it may train: not if it, or a model around it, is frozen. */
export interface LeafLayer {
  readonly layer: Layer;
  readonly trainable: boolean;
}

/** The layers of a model and of nested models, without duplicates, in order. */
export function leafLayers(model: tfl.LayersModel, trainable = true): LeafLayer[] {
  const leaves = model.layers.flatMap((layer): LeafLayer[] =>
    layer instanceof tfl.LayersModel
      ? leafLayers(layer, trainable && layer.trainable)
      : [{ layer, trainable: trainable && layer.trainable }],
  );
  return [...new Map(leaves.map((leaf) => [leaf.layer, leaf])).values()];
}

/**
 * A variable of a model. TF.js numbers its own variable names by the models of the process; `name` is `layer/kernel` in
 * any process.
 */
export interface ModelVariable {
  readonly name: string;
  readonly layer: string;
  readonly variable: tf.Variable;
}

/** Returns the variables that an optimizer changes. */
export function trainableVariables(model: tfl.LayersModel): ModelVariable[] {
  return variablesOf(model, (layer) => layer.trainableWeights);
}

/**
 * Returns the variables that training changes: those that an optimizer changes, and the statistics of layers that are
 * not frozen.
 * @param names of the layers; default: those that are not frozen now
 */
export function changingVariables(model: tfl.LayersModel, names?: readonly string[]): ModelVariable[] {
  return variablesOf(model, (layer) => layer.weights, names && new Set(names));
}

function variablesOf(
  model: tfl.LayersModel,
  weightsOf: (layer: Layer) => tfl.LayerVariable[],
  names?: ReadonlySet<string>,
): ModelVariable[] {
  return leafLayers(model)
    .filter(({ layer, trainable }) => names?.has(layer.name) ?? trainable)
    .flatMap(({ layer }) =>
      weightsOf(layer).map((weight) => ({
        name: `${layer.name}/${weightName(weight)}`,
        layer: layer.name,
        variable: asVariable(weight.read()),
      })),
    );
}

/** Lets only the layers with these names train. @returns a function that restores the previous state */
export function unfreezeLayers(model: tfl.LayersModel, layers: readonly string[]): () => void {
  const before = leafLayers(model).map(({ layer }) => [layer, layer.trainable] as const);
  const names = new Set(layers);
  for (const [layer] of before) layer.trainable = names.has(layer.name);
  return () => {
    for (const [layer, trainable] of before) layer.trainable = trainable;
  };
}

/** `kernel` of a variable that TF.js calls `head_dense_1/kernel`. */
export function weightName({ originalName }: tfl.LayerVariable): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}

/** TF.js's types declare a layer's variable as a tensor. */
function asVariable(tensor: tf.Tensor): tf.Variable {
  if (tensor instanceof tf.Variable) return tensor;
  throw new TypeError('a layer gave a weight that is no variable');
}
