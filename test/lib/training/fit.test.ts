import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import type { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { evaluate } from '../../../lib/training/evaluate.ts';
import { fit as fitModel } from '../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/categorical-cross-entropy.ts';
import { blobs } from '../../support/blobs.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const loss = categoricalCrossEntropy();
const train = blobs();
const validation = blobs({ count: 30, seed: 2 });
const head: HeadSpec = [{ layer: 'dropout', rate: 0.2 }];
const build = (spec: HeadSpec = head, seed = 0): tfl.LayersModel => buildHead(spec, [8], { classes: 3, seed });
const training = (spec: object = {}): TrainingSpec =>
  TrainingSpec.parse({ epochs: 12, batchSize: 16, optimizer: { name: 'adam', learningRate: 0.02 }, ...spec });

describe('fit', () => {
  it('learns to tell classes apart', async () => {
    const model = build();
    const before = await evaluate(model, validation, loss, ['a', 'b', 'c']);
    const { history, bestEpoch } = await fitModel({ model, loss, train, validation, training: training() });
    const after = await evaluate(model, validation, loss, ['a', 'b', 'c']);
    expect(after.accuracy).toBeGreaterThan(0.95);
    expect(after.loss).toBeLessThan(before.loss / 2);
    expect(history[bestEpoch - 1]?.validationLoss).toBe(Math.min(...history.map(({ validationLoss }) => validationLoss)));
    model.dispose();
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const model = build();
    await fitModel({ model, loss, train, validation, training: training({ epochs: 2 }) });
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
