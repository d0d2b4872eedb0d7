import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { OptimizerSpec, ScheduleSpec } from '../../../lib/contracts/training-spec.ts';
import { fnv1a, mulberry32 } from '../../../lib/random.ts';
import type { EngineNetwork } from '../../../lib/training/engine.ts';
import type { Batch } from '../../../lib/training/examples.ts';
import { targetsOf } from '../../../lib/training/examples.ts';
import { weightName } from '../../../lib/training/layers-model/leaf-layers.ts';
import { binaryCrossEntropy, binaryFocal, categoricalCrossEntropy, type Loss } from '../../../lib/training/losses/loss.ts';
import { rateFactor } from '../../../lib/training/schedule.ts';
import { assignGoldenWeights } from './golden-weights.ts';

/** One run of Keras: 20 steps of a head 32 -> 16 relu -> 5 on 64 examples in batches of 16, not shuffled. */
export interface KerasRun {
  readonly optimizer: string;
  readonly config: KerasOptimizer;
  readonly loss: string;
  readonly activation: 'softmax' | 'sigmoid' | 'linear';
  readonly classWeight: Readonly<Record<string, number>> | null;
  readonly l2Regularizer: number | null;
  /** Of each step. */
  readonly losses: readonly number[];
  /** Of the first two examples. */
  readonly finalPrediction: readonly number[];
  /** The first values. */
  readonly finalHiddenKernel: readonly number[];
  readonly finalHeadBias: readonly number[];
}

interface KerasOptimizer {
  readonly learning_rate: number | { readonly class_name: string; readonly config: Readonly<Record<string, number>> };
  readonly weight_decay: number | null;
  readonly clipnorm: number | null;
  readonly global_clipnorm: number | null;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly rho?: number;
  readonly epsilon?: number;
  readonly centered?: boolean;
  readonly beta_1?: number;
  readonly beta_2?: number;
  readonly amsgrad?: boolean;
  readonly initial_accumulator_value?: number;
}

const prefix = 'train:';
const features = 32;
const hidden = 16;
const classes = 5;
const examples = 64;
const batchSize = 16;
const stepsPerEpoch = examples / batchSize;

export function readKerasRuns(path: string): KerasRun[] {
  return JSON.parse(readFileSync(path, 'utf8')).runs;
}

/** What a run is called in a table of tests. */
export function nameOfRun({ optimizer, loss, classWeight, l2Regularizer }: KerasRun): string {
  return [optimizer, loss, classWeight && 'class weights', l2Regularizer && 'L2'].filter(Boolean).join(', ');
}

/** Trains the same head on the same data, in the engine that opens it. */
export async function repeatRun(
  run: KerasRun,
  open: (model: tfl.LayersModel) => EngineNetwork,
): Promise<Pick<KerasRun, 'losses' | 'finalPrediction' | 'finalHiddenKernel' | 'finalHeadBias'>> {
  const { optimizer, schedule, peak } = optimizerOf(run);
  const model = buildModel(run.l2Regularizer);
  const loss = lossOf(run.loss);
  const weights = run.classWeight;
  const trainer = open(model).openTrainer({
    loss,
    optimizer,
    classWeights: weights === null ? undefined : { task: loss.task, present: Object.values(weights), absent: [] },
  });
  for (const step of run.losses.keys()) {
    await trainer.accumulate(batchOf(step % stepsPerEpoch, loss), { seedOf: () => 1 });
    const moment = { step, stepsPerEpoch, epochs: run.losses.length / stepsPerEpoch, validationLosses: [] };
    trainer.update(peak * rateFactor(schedule, moment));
  }
  const losses = (await trainer.readOutcomes()).map(({ loss: value }) => value);
  trainer.close();
  const result = {
    losses,
    finalPrediction: predictFirstTwo(model, run.activation),
    finalHiddenKernel: [...variable(model, 'hidden', 'kernel').dataSync().slice(0, run.finalHiddenKernel.length)],
    finalHeadBias: [...variable(model, 'head', 'bias').dataSync()],
  };
  model.dispose();
  return result;
}

function buildModel(l2: number | null): tfl.LayersModel {
  const input = tfl.input({ shape: [features] });
  const dense = (name: string, units: number, activation: 'relu' | 'linear') =>
    tfl.layers.dense({
      name,
      units,
      activation,
      ...(l2 !== null && name === 'hidden' && { kernelRegularizer: tfl.regularizers.l2({ l2 }) }),
    });
  const outputs = dense('head', classes, 'linear').apply(dense('hidden', hidden, 'relu').apply(input)) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs });
  assignGoldenWeights(model, { prefix, shifts: {} });
  return model;
}

function variable(model: tfl.LayersModel, layer: string, weight: string): tf.Tensor {
  return model
    .getLayer(layer)
    .weights.find((variable) => weightName(variable) === weight)!
    .read();
}

function batchOf(index: number, loss: Loss): Batch {
  const rows = <T extends Float32Array>(values: T, size: number) =>
    values.slice(index * batchSize * size, (index + 1) * batchSize * size);
  const labels = goldenDraws('train/class', examples, (u) => Math.floor(classes * u));
  const oneHot = targetsOf(
    [...labels].map((label) => [label]),
    classes,
  );
  const multiHot = goldenDraws('train/multi', examples * classes, (u) => Number(u > 0.5));
  return {
    inputs: rows(
      goldenDraws('train/x', examples * features, (u) => 2 * u - 1),
      features,
    ),
    targets: rows(loss.task === 'single-label' ? oneHot : multiHot, classes),
  };
}

/** float32 of `value` of each draw in [0, 1) that belongs to a label. */
export function goldenDraws(label: string, length: number, value: (u: number) => number): Float32Array {
  const draw = mulberry32(fnv1a(label));
  return Float32Array.from({ length }, () => value(draw()));
}

function lossOf(name: string): Loss {
  // The run from logits is smoothed as well: its losses are those of the run with smoothing 0.1.
  const labelSmoothing = name.endsWith('from_logits') ? 0.1 : Number(/smoothing_(.*)/.exec(name)?.[1] ?? 0);
  if (name.startsWith('focal')) return binaryFocal({ gamma: 2 });
  if (name.startsWith('binary')) return binaryCrossEntropy({ labelSmoothing });
  return categoricalCrossEntropy({ labelSmoothing });
}

/** Keras's settings in our words. Keras's weight decay in Adam is AdamW's. */
function optimizerOf({ config }: KerasRun): { optimizer: OptimizerSpec; schedule: ScheduleSpec; peak: number } {
  const { schedule, peak } = scheduleOf(config.learning_rate);
  const kind =
    config.beta_1 !== undefined
      ? {
          name: config.weight_decay === null ? 'adam' : 'adamw',
          beta1: config.beta_1,
          beta2: config.beta_2,
          amsgrad: config.amsgrad,
        }
      : config.rho !== undefined
        ? { name: 'rmsprop', rho: config.rho, momentum: config.momentum, centered: config.centered }
        : config.initial_accumulator_value !== undefined
          ? { name: 'adagrad', initialAccumulator: config.initial_accumulator_value }
          : { name: 'sgd', momentum: config.momentum, nesterov: config.nesterov };
  const optimizer = OptimizerSpec.parse({
    ...kind,
    learningRate: peak,
    ...(config.epsilon !== undefined && { epsilon: config.epsilon }),
    ...(config.clipnorm !== null && { clipNorm: config.clipnorm }),
    ...(config.global_clipnorm !== null && { globalClipNorm: config.global_clipnorm }),
    ...(kind.name === 'adamw' && { weightDecay: config.weight_decay }),
  });
  return { optimizer, schedule, peak };
}

function scheduleOf(rate: KerasOptimizer['learning_rate']): { schedule: ScheduleSpec; peak: number } {
  if (typeof rate === 'number') return { schedule: { name: 'constant' }, peak: rate };
  const { class_name: name, config } = rate;
  if (name === 'ExponentialDecay') {
    const schedule = ScheduleSpec.parse({
      name: 'step',
      everyEpochs: config.decay_steps! / stepsPerEpoch,
      factor: config.decay_rate,
    });
    return { schedule, peak: config.initial_learning_rate! };
  }
  const warmup = config.warmup_steps ?? 0;
  const schedule = ScheduleSpec.parse({ name: 'cosine', warmupEpochs: warmup / stepsPerEpoch, finalFactor: config.alpha });
  return { schedule, peak: warmup > 0 ? config.warmup_target! : config.initial_learning_rate! };
}

function predictFirstTwo(model: tfl.LayersModel, activation: KerasRun['activation']): number[] {
  const inputs = goldenDraws('train/x', examples * features, (u) => 2 * u - 1).slice(0, 2 * features);
  return tf.tidy(() => {
    const logits = model.predict(tf.tensor2d(inputs, [2, features])) as tf.Tensor2D;
    const output = { softmax: tf.softmax, sigmoid: tf.sigmoid, linear: tf.clone }[activation](logits);
    return [...(output as tf.Tensor).dataSync()];
  });
}
