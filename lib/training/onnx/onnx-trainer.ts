import type { LayersModel } from '@tensorflow/tfjs-layers';
import { sumOf } from '../../arithmetic.ts';
import type { OnnxDevice, OnnxResult } from '../../onnx/onnx-session.ts';
import { openTensorSession, type TensorSession } from '../../onnx/tensor-session.ts';
import { splitToFitLater } from '../../tensor/split-to-fit.ts';
import { termWeights } from '../class-weights.ts';
import type { BatchOutcome, Trainer, TrainerOptions } from '../engine.ts';
import { type Batch, sliceBatch } from '../examples.ts';
import { leafLayers, trainableVariables } from '../layers-model/leaf-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import type { Snapshot } from '../snapshot.ts';
import { batchAccuracy } from './batch-accuracy.ts';
import { drawNoise } from './draw-noise.ts';
import { termsPerExample } from './loss-graph.ts';
import type { ModelWeights } from './model-weights.ts';
import { moveStatistic } from './move-statistic.ts';
import { arrayOptimizer } from './optimizers/optimizer.ts';
import { addPenaltyGradient, penaltiesOf, penaltyValue } from './penalties.ts';
import { threadsFor } from './threads-for.ts';
import { buildTrainingGraph } from './training-graph.ts';

/** What a trainer changes. */
interface Trained {
  readonly model: LayersModel;
  readonly weights: ModelWeights;
  readonly device: OnnxDevice;
  /** Called when the trainer closes. */
  readonly onClose: () => void;
}

/**
 * Creates a trainer of the variables that are not frozen now. onnxruntime computes the loss and the gradients of a
 * batch; the optimizer changes the weights in place.
 * @throws GraftError ONNX_LAYER_UNSUPPORTED, ONNX_GRADIENT_UNSUPPORTED; SpecError VARIABLE_TOO_LARGE; CapacityError MEMORY_TOO_SMALL
 */
export function createOnnxTrainer({ model, weights, device, onClose }: Trained, options: TrainerOptions): Trainer {
  const { loss, optimizer: spec, classWeights, layerRate, log = () => {} } = options;
  const graph = buildTrainingGraph(model, options);
  const layers = new Map(leafLayers(model).map(({ layer }) => [layer.name, layer]));
  const trainable = trainableVariables(model);
  const parameters = new Map(graph.parameters.map((parameter) => [parameter.name, parameter]));
  for (const parameter of graph.parameters) weights.feed(parameter);
  const penalties = penaltiesOf(model);
  const classes = classCount(model);
  const optimizer = arrayOptimizer(
    spec,
    trainable.map(({ name, layer, variable: { size } }) => ({ name, layer, size })),
  );
  for (const { name, values } of optimizer.variables) weights.moveTo(name, values);
  // onnxruntime writes gradients into arrays that exist already; the first batch of an update writes into the sums.
  const gradients = (arrayOf: (variable: { readonly size: number; readonly gradient: Float32Array }) => Float32Array) =>
    new Map(
      optimizer.variables.map((variable) => [
        variable.name,
        { data: arrayOf(variable), dims: parameters.get(variable.name)?.dims ?? [variable.size] },
      ]),
    );
  const sums = gradients(({ gradient }) => gradient);
  let parts: typeof sums | undefined;
  let session: Promise<TensorSession> | undefined;
  let pending = 0;
  let outcomes: BatchOutcome[] = [];
  const inParts = splitToFitLater((rows) =>
    log('batch.parts', { rows, because: 'the device has no room for more', batchNormalization: 'statistics of the parts' }),
  );

  const feedsOf = (batch: Batch, count: number, share: number, seedOf: (layer: string) => number): Map<string, OnnxResult> => {
    const terms = termWeights(batch, classWeights) ?? { values: new Float32Array(count).fill(1), columns: 1 };
    const size = count * termsPerExample(loss, classes);
    const feeds = new Map<string, OnnxResult>([
      ['inputs', { data: batch.inputs, dims: [count, ...exampleShape(model)] }],
      ['targets', { data: batch.targets, dims: [count, classes] }],
      ['weights', { data: terms.values.map((value) => value / size), dims: [count, terms.columns] }],
      ['share', { data: Float32Array.of(share), dims: [] }],
      ...graph.parameters.map((parameter) => [parameter.name, weights.feed(parameter)] as const),
    ]);
    for (const noise of graph.noises) {
      const layer = layers.get(noise.layer);
      if (layer !== undefined) feeds.set(noise.name, drawNoise(layer, noise, count, seedOf(noise.layer)));
    }
    return feeds;
  };

  /** Adds the gradients of some rows to the sums. If it fails, it has added nothing. */
  const computePart = async (
    rows: Batch,
    count: number,
    share: number,
    seedOf: (layer: string) => number,
  ): Promise<BatchOutcome> => {
    session ??= openTensorSession(graph.model, {
      ...threadsFor(model),
      device,
      onPlacement: ({ onCpu }) => log('device.fallback', { model: model.name, from: device, to: 'cpu', operators: onCpu }),
    });
    if (pending > 0) parts ??= gradients(({ size }) => new Float32Array(size));
    const into = pending > 0 && parts !== undefined ? parts : sums;
    const outputs = new Map<string, OnnxResult | undefined>([
      [graph.loss, undefined],
      [graph.logits, undefined],
      ...graph.statistics.flatMap(({ mean, variance }) => [mean, variance].map((name) => [name, undefined] as const)),
    ]);
    for (const [name, output] of graph.gradients) outputs.set(output, into.get(name));
    const results = await (await session).run(feedsOf(rows, count, share, seedOf), outputs);
    // Nothing else writes the gradient of a weight that is not in the graph.
    for (const [name, { data }] of into) if (!graph.gradients.has(name)) data.fill(0);
    let value = results.get(graph.loss)?.data[0] ?? Number.NaN;
    for (const penalty of penalties) {
      const values = weights.array(penalty.weight);
      value += penaltyValue(values, penalty);
      const gradient = into.get(penalty.weight);
      if (gradient !== undefined) addPenaltyGradient(gradient.data, values, penalty, share);
    }
    if (into !== sums) for (const [name, { data }] of into) addTo(sums.get(name)?.data, data);
    for (const { layer, momentum, mean, variance } of graph.statistics) {
      moveStatistic(weights.array(`${layer}/moving_mean`), results.get(mean)?.data, momentum);
      moveStatistic(weights.array(`${layer}/moving_variance`), results.get(variance)?.data, momentum);
    }
    pending += 1;
    return { loss: value, accuracy: batchAccuracy(loss.task, results.get(graph.logits)?.data, rows.targets, classes) };
  };

  return {
    get iterations() {
      return optimizer.iterations;
    },
    async accumulate(batch, { share = 1, seedOf }) {
      const count = batch.targets.length / classes;
      const computed = await inParts(count, async (start, end) => {
        const part = (end - start) / count;
        const rows = part === 1 ? batch : sliceBatch(batch, start, end, count);
        // With equal seeds, all parts would drop the same positions.
        const seed = start === 0 ? seedOf : (layer: string) => seedOf(`${layer}/${start}`);
        const { loss, accuracy } = await computePart(rows, end - start, part * share, seed);
        return { loss: loss * part, accuracy: accuracy * part };
      });
      outcomes.push({
        loss: Math.fround(sumOf(computed, (part) => part.loss)),
        accuracy: sumOf(computed, (part) => part.accuracy),
      });
    },
    update(learningRate) {
      optimizer.step(({ layer }) => learningRate * (layerRate?.(layer) ?? 1));
      pending = 0;
    },
    async readOutcomes() {
      const read = outcomes;
      outcomes = [];
      return read;
    },
    snapshot: async () =>
      new Map([...optimizer.slots].map(([name, { variable, values }]) => [name, weights.inLayerOrder(variable, values)])),
    restore(slots, iterations) {
      for (const [name, { variable, values }] of optimizer.slots) {
        values.set(weights.inGraphOrder(variable, valuesOf(slots, name)));
      }
      optimizer.iterations = iterations;
    },
    close() {
      try {
        weights.flush([...sums.keys(), ...graph.statistics.flatMap(({ layer }) => statisticsOf(layer))]);
        weights.release(sums.keys());
      } finally {
        session?.then((opened) => opened.close()).catch(() => {});
        session = undefined;
        onClose();
      }
    },
  };
}

function statisticsOf(layer: string): string[] {
  return [`${layer}/moving_mean`, `${layer}/moving_variance`];
}

function addTo(sum: Float32Array | undefined, values: Float32Array): void {
  if (sum !== undefined) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (values[i] ?? 0);
}

function valuesOf(snapshot: Snapshot, name: string): Float32Array {
  const copy = snapshot.get(name);
  if (copy === undefined) throw new TypeError(`the snapshot lacks ${name}`);
  return copy.values;
}
