import type { LayersModel } from '@tensorflow/tfjs-layers';
import { sumOf } from '../../arithmetic.ts';
import type { OnnxDevice, OnnxResult } from '../../onnx/onnx-session.ts';
import { type NamedTensors, openTensorSession, type TensorSession } from '../../onnx/tensor-session.ts';
import { splitToFitLater } from '../../tensor/split-to-fit.ts';
import type { BatchOutcome, Trainer, TrainerOptions } from '../engine.ts';
import { sliceBatch } from '../examples.ts';
import { trainableVariables } from '../layers-model/leaf-layers.ts';
import { classCount } from '../layers-model/model-shape.ts';
import type { Snapshot } from '../snapshot.ts';
import { batchAccuracy } from './batch-accuracy.ts';
import { type BatchPart, batchFeeds } from './batch-feeds.ts';
import { openGradientSums } from './gradient-sums.ts';
import type { ModelWeights } from './model-weights.ts';
import { moveStatistics, statisticsOf } from './move-statistics.ts';
import { arrayOptimizer } from './optimizers/optimizer.ts';
import { addPenalties, penaltiesOf } from './penalties.ts';
import { threadsFor } from './threads-for.ts';
import { buildTrainingGraph, type TrainingGraph } from './training-graph.ts';

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
  // The weights take the graph's order of axes now, because slots may be restored before the first batch.
  for (const parameter of graph.parameters) weights.feed(parameter);
  const penalties = penaltiesOf(model);
  const classes = classCount(model);
  const optimizer = arrayOptimizer(
    spec,
    trainableVariables(model).map(({ name, layer, variable: { size } }) => ({ name, layer, size })),
  );
  for (const { name, values } of optimizer.variables) weights.moveTo(name, values);
  const dims = new Map(graph.parameters.map((parameter) => [parameter.name, parameter.dims]));
  const sums = openGradientSums(optimizer.variables, (name) => dims.get(name));
  const feedsOf = batchFeeds(graph, { model, weights, loss, classWeights });
  const inParts = splitToFitLater((rows) =>
    log('batch.parts', { rows, because: 'the device has no room for more', batchNormalization: 'statistics of the parts' }),
  );
  let session: Promise<TensorSession> | undefined;
  let outcomes: BatchOutcome[] = [];

  const openSession = (): Promise<TensorSession> =>
    openTensorSession(graph.model, {
      ...threadsFor(model),
      device,
      onPlacement: ({ onCpu }) => log('device.fallback', { model: model.name, from: device, to: 'cpu', operators: onCpu }),
    });

  /** Adds the gradients of a part to the sums. If it fails, it has added nothing. */
  const computePart = async (part: BatchPart): Promise<BatchOutcome> => {
    session ??= openSession();
    const gradients = sums.next();
    const results = await (await session).run(feedsOf(part), outputsOf(graph, gradients));
    // Nothing else writes the gradient of a weight that is not in the graph.
    for (const [name, { data }] of gradients) if (!graph.gradients.has(name)) data.fill(0);
    const graphLoss = results.get(graph.loss)?.data[0] ?? Number.NaN;
    const penalized = addPenalties(penalties, graphLoss, { weights, gradients, share: part.share });
    sums.add();
    moveStatistics(graph.statistics, results, weights);
    const accuracy = batchAccuracy(loss.task, results.get(graph.logits)?.data, part.rows.targets, classes);
    return { loss: penalized, accuracy };
  };

  return {
    get iterations() {
      return optimizer.iterations;
    },
    async accumulate(batch, { share = 1, seedOf }) {
      const count = batch.targets.length / classes;
      const computed = await inParts(count, async (start, end) => {
        const shareOfBatch = (end - start) / count;
        const { loss, accuracy } = await computePart({
          rows: shareOfBatch === 1 ? batch : sliceBatch(batch, start, end, count),
          count: end - start,
          share: shareOfBatch * share,
          // With equal seeds, all parts would drop the same positions.
          seedOf: start === 0 ? seedOf : (layer) => seedOf(`${layer}/${start}`),
        });
        return { loss: loss * shareOfBatch, accuracy: accuracy * shareOfBatch };
      });
      outcomes.push({
        loss: Math.fround(sumOf(computed, (part) => part.loss)),
        accuracy: sumOf(computed, (part) => part.accuracy),
      });
    },
    update(learningRate) {
      optimizer.step(({ layer }) => learningRate * (layerRate?.(layer) ?? 1));
      sums.clear();
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
        const trained = optimizer.variables.map(({ name }) => name);
        weights.flush([...trained, ...graph.statistics.flatMap(({ layer }) => statisticsOf(layer))]);
        weights.release(trained);
      } finally {
        session?.then((opened) => opened.close()).catch(() => {});
        session = undefined;
        onClose();
      }
    },
  };
}

/** The outputs of a run. ONNX Runtime writes the gradients into arrays that exist already, the others into new ones. */
function outputsOf(graph: TrainingGraph, gradients: NamedTensors): Map<string, OnnxResult | undefined> {
  const outputs = new Map<string, OnnxResult | undefined>([
    [graph.loss, undefined],
    [graph.logits, undefined],
    ...graph.statistics.flatMap(({ mean, variance }) => [mean, variance].map((name) => [name, undefined] as const)),
  ]);
  for (const [name, output] of graph.gradients) outputs.set(output, gradients.get(name));
  return outputs;
}

function valuesOf(snapshot: Snapshot, name: string): Float32Array {
  const copy = snapshot.get(name);
  if (copy === undefined) throw new TypeError(`the snapshot lacks ${name}`);
  return copy.values;
}
