import * as tfl from '@tensorflow/tfjs-layers';
import { type HeadLayer, isOutput, type OutputLayer } from '../contracts/head-spec.ts';
import { SpecError } from '../errors.ts';
import { randomStream } from '../random.ts';
import { kernelInitializer } from './kernel-initializer.ts';
import { CosineDense } from './layers/cosine-dense.ts';
import { type Head, headLayers } from './presets.ts';
import { isPooling, takesVector } from './split-pooling.ts';

type Layer = tfl.layers.Layer;
type HiddenLayer = Exclude<HeadLayer, OutputLayer>;

export interface HeadOptions {
  readonly classes: number;
  /** Seed of the initial kernels. */
  readonly seed: number;
  /**
   * Number of terms in the mean loss: one per image that trains (softmax), or one per image and class (sigmoid). The
   * prior is divided by it, so that it counts once. Default 1000.
   */
  readonly lossTerms?: number;
}

/** L2 coefficient of a Gaussian prior of variance 0.1, for a loss that is a sum. */
const PRIOR = 5;

const plainOutput: OutputLayer = { layer: 'output', useBias: true, l1: 0, l2: 0, kernelInitializer: 'glorotUniform' };

/**
 * Builds a head from its list of layers: features in, one logit per class out. The loss and the prediction apply
 * softmax or sigmoid, which are more exact on logits. Kernels are initialized from `seed`. Layers are named
 * `head_dense_1`, `head_dropout_1`, ... and `head_logits`.
 * Poolings and flatten turn a feature map into a vector and leave a vector unchanged. A dense layer accepts vectors
 * only.
 * @param inputShape shape of one example: [height, width, channels], or [features]
 * @returns the model, from `inputShape` to [classes]
 * @throws SpecError HEAD_SHAPE if a layer gets a shape that it does not accept
 * @example
 * ```ts
 * const head = buildHead('mlp', [7, 7, 1280], { classes: 5, seed: 0 });
 * ```
 */
export function buildHead(
  spec: Head,
  inputShape: readonly number[],
  { classes, seed, lossTerms = 1000 }: HeadOptions,
): tfl.LayersModel {
  const { hidden, output: last } = partHead(headLayers(spec));
  const features = tfl.input({ shape: [...inputShape], name: 'head_input' });
  const counts = new Map<string, number>();
  let output = features;
  for (const [index, layer] of hidden.entries()) {
    const shape = exampleShape(output);
    if (isPooling(layer) && shape.length === 1) continue;
    checkShape(layer, shape, `head[${index}]`);
    const kind = snakeCase(layer.layer);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    output = apply(createLayer(layer, `head_${kind}_${counts.get(kind)}`, seed), output);
  }
  checkShape(last, exampleShape(output), hidden.length === 0 ? 'head' : `head[${hidden.length - 1}]`);
  const logits = createOutput(last, { classes, seed, lossTerms });
  return tfl.model({ inputs: features, outputs: apply(logits, output), name: 'head' });
}

/** Splits a head into its hidden layers and its output layer. Adds a plain output layer if the spec has none. */
function partHead(layers: readonly HeadLayer[]): { hidden: readonly HiddenLayer[]; output: OutputLayer } {
  const last = layers.at(-1);
  const hidden = layers.filter((layer): layer is HiddenLayer => !isOutput(layer));
  return { hidden, output: isOutput(last) ? last : plainOutput };
}

function createLayer(spec: HiddenLayer, name: string, seed: number): Layer {
  switch (spec.layer) {
    case 'flatten':
      return tfl.layers.flatten({ name });
    case 'globalAveragePool':
      return tfl.layers.globalAveragePooling2d({ name });
    case 'globalMaxPool':
      return tfl.layers.globalMaxPooling2d({ name });
    case 'dense':
      return dense(spec, name, seed);
    case 'dropout':
      return tfl.layers.dropout({ name, rate: spec.rate });
    case 'batchNormalization':
      return tfl.layers.batchNormalization({ name, momentum: spec.momentum, epsilon: spec.epsilon });
    case 'activation':
      return tfl.layers.activation({ name, activation: spec.activation });
  }
}

function createOutput(spec: OutputLayer, { classes: units, seed, lossTerms }: Required<HeadOptions>): Layer {
  const name = 'head_logits';
  if (spec.layer === 'cosineOutput') return new CosineDense({ name, units, scale: spec.scale, seed: initialSeed(seed, name) });
  const l2 = spec.l2 === 'prior' ? PRIOR / lossTerms : spec.l2;
  return dense({ ...spec, l2, units, activation: 'linear' }, name, seed);
}

function dense(
  { units, activation, useBias, l1, l2, kernelInitializer: initializer }: Omit<Extract<HeadLayer, { layer: 'dense' }>, 'layer'>,
  name: string,
  seed: number,
): Layer {
  return tfl.layers.dense({
    name,
    units,
    activation,
    useBias,
    kernelInitializer: kernelInitializer(initializer, initialSeed(seed, name)),
    ...((l1 > 0 || l2 > 0) && { kernelRegularizer: tfl.regularizers.l1l2({ l1, l2 }) }),
  });
}

/** Derives a layer's seed. It is above 0, since TF.js treats 0 as no seed. */
function initialSeed(seed: number, layer: string): number {
  return 1 + randomStream(seed, 'initialize', layer).integer(2 ** 32 - 1);
}

function checkShape(layer: HeadLayer, shape: readonly number[], at: string): void {
  const fits = takesVector(layer) ? shape.length === 1 : !isPooling(layer) || layer.layer === 'flatten' || shape.length === 3;
  if (fits) return;
  throw new SpecError('HEAD_SHAPE', {
    at,
    expected: takesVector(layer) ? 'a vector, [features]' : 'a feature map, [height, width, channels]',
    received: [...shape],
    fix: 'put {"layer": "globalAveragePool"} or {"layer": "flatten"} before the first dense layer and before the end of the head',
  });
}

function apply(layer: Layer, input: tfl.SymbolicTensor): tfl.SymbolicTensor {
  const output = layer.apply(input);
  if (output instanceof tfl.SymbolicTensor) return output;
  throw new TypeError(`${layer.name} gave no symbolic tensor`);
}

/** Returns the shape of one example, without the batch dimension. */
function exampleShape({ shape }: tfl.SymbolicTensor): number[] {
  return shape.slice(1).map((size) => size ?? 0);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
