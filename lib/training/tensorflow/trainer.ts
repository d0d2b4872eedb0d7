import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { splitToFit } from '../../tensor/split-to-fit.ts';
import { termWeights } from '../class-weights.ts';
import type { Trainer, TrainerOptions } from '../engine.ts';
import { sliceBatch } from '../examples.ts';
import { trainableVariables } from '../layers-model/leaf-layers.ts';
import { classCount } from '../layers-model/model-shape.ts';
import { trainingForward } from './forward.ts';
import { computeGradients } from './gradients.ts';
import { buildOptimizer } from './optimizers/build-optimizer.ts';
import { readVariables, writeVariables } from './variables.ts';

/** Creates a trainer of the variables that are not frozen now. Outcomes stay on the device until they are read. */
export function createTrainer(model: tfl.LayersModel, options: TrainerOptions): Trainer {
  const { loss, optimizer: spec, classWeights, inferring, layerRate, log = () => {} } = options;
  const variables = trainableVariables(model);
  const optimizer = buildOptimizer(spec, variables);
  const differentiated = { model, loss, variables, forward: trainingForward(model, inferring) };
  const inParts = splitToFit((rows) =>
    log('batch.parts', { rows, because: 'the device has no room for more', batchNormalization: 'statistics of the parts' }),
  );
  let summed: readonly tf.Tensor[] = [];
  /** Outcome of each batch, [2]: loss and accuracy. */
  let unread: tf.Tensor1D[] = [];
  const add = (gradients: readonly tf.Tensor[], share: number): void => {
    const before = summed;
    // If there is no memory for the sum either, nothing has changed.
    summed = tf.tidy(() => gradients.map((gradient, i) => tf.add(before[i] ?? 0, tf.mul(gradient, share))));
    tf.dispose([...before]);
  };
  return {
    get iterations() {
      return optimizer.iterations;
    },
    accumulate(batch, { share = 1, seedOf }) {
      const count = batch.targets.length / classCount(model);
      const outcomes = inParts(count, (start, end): tf.Tensor1D => {
        const part = (end - start) / count;
        const rows = part === 1 ? batch : sliceBatch(batch, start, end, count);
        // With equal seeds, all parts would drop the same positions.
        const seed = start === 0 ? seedOf : (layer: string) => seedOf(`${layer}/${start}`);
        const { outcome, gradients } = computeGradients(differentiated, rows, termWeights(rows, classWeights), seed);
        if (part * share === 1) {
          summed = gradients;
          return outcome;
        }
        try {
          add(gradients, part * share);
          return tf.mul<tf.Tensor1D>(outcome, part);
        } finally {
          tf.dispose([...gradients, outcome]);
        }
      });
      const [whole, ...others] = outcomes;
      if (whole !== undefined && others.length === 0) {
        unread.push(whole);
        return;
      }
      unread.push(tf.tidy(() => tf.addN<tf.Tensor1D>(outcomes)));
      tf.dispose(outcomes);
    },
    update(learningRate) {
      optimizer.step(summed, ({ layer }) => learningRate * (layerRate?.(layer) ?? 1));
      tf.dispose([...summed]);
      summed = [];
    },
    async readOutcomes() {
      const outcomes = unread;
      unread = [];
      if (outcomes.length === 0) return [];
      const joined = tf.concat(outcomes);
      tf.dispose(outcomes);
      const values = await joined.data<'float32'>();
      joined.dispose();
      return outcomes.map((_, i) => ({ loss: values[2 * i] ?? Number.NaN, accuracy: values[2 * i + 1] ?? 0 }));
    },
    snapshot: () => readVariables(optimizer.slots),
    restore(slots, iterations) {
      writeVariables(slots, optimizer.slots);
      optimizer.iterations = iterations;
    },
    close() {
      tf.dispose([...summed, ...unread]);
      [summed, unread] = [[], []];
      optimizer.dispose();
    },
  };
}
