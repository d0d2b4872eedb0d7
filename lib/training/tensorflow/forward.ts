import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { tensorsInOrder } from '../../tensor/layer-graph.ts';
import { leafLayers } from '../layers-model/leaf-layers.ts';
import { batchNormalization } from './batch-normalization.ts';

type Layer = tfl.layers.Layer;

/**
 * Logits, [n, classes], of inputs, [n, ...inputShape], in training mode. `seedOf` gives each random layer its seed.
 */
export type TrainingForward = (inputs: tf.Tensor, seedOf: (layer: string) => number) => tf.Tensor2D;

/**
 * A model's forward pass for training, layer by layer. TF.js passes one `training` flag to all layers; here a
 * BatchNormalization that is frozen or named in `inferring` runs in inference mode while Dropout is active. Dropout
 * gets a new seed for each pass, so no generator has a state to save.
 */
export function trainingForward(model: tfl.LayersModel, inferring: ReadonlySet<string> = new Set()): TrainingForward {
  const leaves = leafLayers(model);
  const frozen = new Set(leaves.filter(({ trainable }) => !trainable).map(({ layer }) => layer));
  const random = leaves.map(({ layer }) => layer).filter((layer) => 'seed' in layer);
  const trains = (layer: Layer): boolean => !frozen.has(layer) && !inferring.has(layer.name);
  const run = graphRunner(model, (layer) => layerCall(layer, trains(layer)));
  return (inputs, seedOf) => {
    // TF.js reads a random layer's seed at each call, but declares it read-only.
    for (const layer of random) Object.assign(layer, { seed: seedOf(layer.name) });
    return tf.reshape(run([inputs]), [inputs.shape[0] ?? 0, -1]);
  };
}

/** Logits in inference mode; TF.js frees intermediate tensors as it goes. */
export function inferenceForward(model: tfl.LayersModel, inputs: tf.Tensor): tf.Tensor2D {
  const outputs = model.apply(inputs, { training: false });
  if (!(outputs instanceof tf.Tensor)) throw new TypeError(`${model.name} has not one output`);
  return tf.reshape(outputs, [inputs.shape[0] ?? 0, -1]);
}

type Call = (inputs: tf.Tensor[]) => tf.Tensor;

/** Runs a model's graph of single-output layers and nested models. Computes its order once. */
function graphRunner(model: tfl.LayersModel, callOf: (layer: Layer) => Call): Call {
  const [output] = model.outputs;
  if (output === undefined || model.outputs.length > 1) throw new TypeError(`${model.name} has not one output`);
  const steps = tensorsInOrder(output, model.inputs).map((symbol) => {
    const layer = symbol.sourceLayer;
    return { symbol, call: layer instanceof tfl.LayersModel ? graphRunner(layer, callOf) : callOf(layer) };
  });
  return (inputs) => {
    const values = new Map(model.inputs.map((symbol, i) => [symbol, inputs[i]]));
    const valueAt = (symbol: tfl.SymbolicTensor): tf.Tensor => {
      const value = values.get(symbol);
      if (value === undefined) throw new TypeError(`${model.name} lacks an input for ${symbol.name}`);
      return value;
    };
    for (const { symbol, call } of steps) values.set(symbol, call(symbol.inputs.map(valueAt)));
    return valueAt(output);
  };
}

function layerCall(layer: Layer, trains: boolean): Call {
  const normalize = layer.getClassName() === 'BatchNormalization' ? batchNormalization(layer, trains) : undefined;
  return (inputs) => {
    const [input] = inputs;
    if (normalize !== undefined && input !== undefined) return normalize(input);
    const [output] = [layer.apply(inputs, { training: true })].flat();
    if (output instanceof tf.Tensor) return output;
    throw new TypeError(`${layer.name} gave no tensor`);
  };
}
