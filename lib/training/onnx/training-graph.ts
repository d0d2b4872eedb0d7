import type { LayersModel } from '@tensorflow/tfjs-layers';
import { differentiate } from '../../autodiff/differentiate.ts';
import type { Dims, Shapes } from '../../autodiff/infer-shapes.ts';
import type { GraphParameter } from '../../onnx/graph-builder.ts';
import type { OnnxModel, OnnxValueInfo } from '../../onnx/onnx-model.ts';
import { valueInfo } from '../../onnx/value-info.ts';
import type { TrainerOptions } from '../engine.ts';
import { leafLayers, trainableVariables, unfreezeLayers } from '../layers-model/leaf-layers.ts';
import { classCount } from '../layers-model/model-shape.ts';
import { categoricalCrossEntropy } from '../losses/loss.ts';
import { type BatchStatistics, type NoiseInput, trainingConverters } from './converters/training-converters.ts';
import { networkModel, writeNetwork } from './network-graph.ts';
import { penaltiesOf } from './penalties.ts';

/** A graph of one training step: the loss of a batch and its gradients. */
export interface TrainingGraph {
  readonly model: OnnxModel;
  /** Number of nodes of the forward pass, which come first. */
  readonly forwardSize: number;
  /** The weights that are inputs. */
  readonly parameters: readonly GraphParameter[];
  readonly noises: readonly NoiseInput[];
  readonly statistics: readonly BatchStatistics[];
  readonly logits: string;
  readonly loss: string;
  /** The output with the gradient of each trainable weight on which the loss depends. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Builds the graph of a training step for the layers that are not frozen now. Besides the inputs of the network, `share`
 * is a scalar that multiplies the gradients.
 * @throws GraftError ONNX_LAYER_UNSUPPORTED, ONNX_GRADIENT_UNSUPPORTED
 */
export function buildTrainingGraph(
  model: LayersModel,
  { loss, classWeights, inferring = new Set() }: Pick<TrainerOptions, 'loss' | 'classWeights' | 'inferring'>,
): TrainingGraph {
  const frozen = new Set(leafLayers(model).flatMap(({ layer, trainable }) => (trainable ? [] : [layer.name])));
  const random = trainingConverters((layer) => !frozen.has(layer) && !inferring.has(layer));
  const weightColumns = classWeights?.task === 'multi-label' ? classCount(model) : 1;
  const network = writeNetwork(model, loss, { converters: random.converters, weightColumns });
  const { graph } = network;
  const share = graph.input('share', []);
  const noises = random.noises.map(({ name, shape }) => valueInfo(name, shape));
  const inputs = [...network.inputs, ...noises, share.info];
  const { parameters } = graph.written;
  const shapes: Shapes = new Map<string, Dims>([
    ...inputs.map((info) => [info.name, dimsOf(info)] as const),
    ...parameters.map(({ name, dims }) => [name, dims] as const),
  ]);
  const trained = trainableVariables(model).filter(({ name }) => parameters.some((parameter) => parameter.name === name));
  const by = trained.map(({ name }) => name);
  const found = differentiate(graph, { of: network.loss, upstream: share.value.name, by, inputs: shapes });
  const gradients = new Map(by.flatMap((name, i) => (found[i] === undefined ? [] : [[name, found[i]] as const])));
  const outputs = new Map<string, Dims>([
    [network.loss, []],
    [network.logits, [null, classCount(model)]],
    ...[...gradients].map(([name, output]) => [output, shapes.get(name) ?? []] as const),
    ...random.statistics.flatMap(({ channels, mean, variance }) => [mean, variance].map((name) => [name, [channels]] as const)),
  ]);
  return {
    ...random,
    model: networkModel({ ...network, inputs }, outputs),
    forwardSize: network.size,
    parameters,
    logits: network.logits,
    loss: network.loss,
    gradients,
  };
}

/**
 * Checks that a model's layers, and their gradients with respect to every weight that may train, can be written as a
 * graph.
 * @throws GraftError ONNX_LAYER_UNSUPPORTED, ONNX_GRADIENT_UNSUPPORTED
 */
export function requireGradients(model: LayersModel): void {
  penaltiesOf(model);
  const restore = unfreezeLayers(
    model,
    leafLayers(model).map(({ layer }) => layer.name),
  );
  try {
    buildTrainingGraph(model, { loss: categoricalCrossEntropy() });
  } finally {
    restore();
  }
}

function dimsOf({ type }: OnnxValueInfo): Dims {
  return (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue ?? null);
}
