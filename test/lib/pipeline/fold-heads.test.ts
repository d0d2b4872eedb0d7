import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { HeadSpec } from '../../../lib/contracts/head-spec.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { Fold } from '../../../lib/datasets/splits/assign-folds.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { type FoldHeads, scoreByRetraining, scoreInParallel } from '../../../lib/pipeline/fold-heads.ts';
import { trainingSet } from '../../../lib/pipeline/retraining.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { freeVariables } from '../../../lib/tensor/free-variables.ts';
import { type Examples, memoryExamples } from '../../../lib/training/examples.ts';
import { fit as fitModel } from '../../../lib/training/fit.ts';
import { categoricalCrossEntropy } from '../../../lib/training/losses/loss.ts';
import { blobs } from '../../support/blobs.ts';
import { networkOf, testEngine, useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

const spec = JobSpec.parse({
  name: 'blobs',
  dataset: 'blobs',
  task: 'single-label',
  // All examples in one batch: how they are shuffled changes nothing.
  training: { epochs: 60, batchSize: 100, optimizer: { name: 'adam', learningRate: 0.05 }, earlyStopping: null },
});
const head = HeadSpec.parse([{ layer: 'output', l2: 0.01, kernelInitializer: 'zeros' }]);
const newHead = (outputs: number) => buildHead(head, [8], { classes: outputs, seed: 0 });

function contextOf(signal = new AbortController().signal, world = testWorld()): TrainingContext {
  const at = world.clock.now().toISOString();
  const job = { id: newId('job', world.clock.now()), state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 } as const;
  const jobContext = { report: () => {}, flush: async () => {}, signal };
  return { job, world, jobContext, engine: testEngine(), dataset: {}, split: {} } as unknown as TrainingContext;
}

function foldHeads(examples: Examples, more: Partial<FoldHeads> = {}): FoldHeads {
  return { folds: threeFolds(examples.count), examples, training: spec.training, newHead, report: () => {}, ...more };
}

/** Every third example validates the same fold. */
function threeFolds(count: number): Fold[] {
  const rows = Array.from({ length: count }, (_, row) => row);
  return [0, 1, 2].map((fold) => ({
    train: rows.filter((row) => row % 3 !== fold),
    validation: rows.filter((row) => row % 3 === fold),
  }));
}

const examples = blobs({ count: 90, spread: 2 });

describe('heads of folds that train side by side', () => {
  test('come to what each comes to alone', async () => {
    const { folds, training } = foldHeads(examples);
    const together = await scoreInParallel(foldHeads(examples), contextOf());
    const retrain: Parameters<typeof scoreByRetraining>[0]['retrain'] = async (retrainOptions) => {
      const model = newHead(3);
      const network = networkOf(model);
      const sets = trainingSet(
        { train: examples, validation: examples, test: examples, trainAndValidation: examples },
        retrainOptions,
      );
      await fitModel({ network, loss: categoricalCrossEntropy(), ...sets, training, keep: 'last' });
      return { network, model, head: model };
    };
    const alone = await scoreByRetraining({ retrain, trainAndValidation: examples, folds, report: () => {} }, contextOf());
    for (const [fold, scores] of together.entries())
      expect([...scores]).toEqual([...(alone[fold] ?? [])].map((score) => expect.closeTo(score, 3)));
  });

  test('do not know the labels of the images that they score', async () => {
    const { folds } = foldHeads(examples);
    const [first] = folds;
    const targets = Float32Array.from(examples.targets);
    // Every example of the first fold is called something else.
    for (const row of first?.validation ?? []) targets.set([...targets.subarray(row * 3, row * 3 + 3)].toReversed(), row * 3);
    const { inputs } = await examples.gather(Array.from({ length: 90 }, (_, row) => row));
    const renamed = memoryExamples({ inputs, inputShape: [8], targets, classes: 3 });
    const [scores] = await scoreInParallel(foldHeads(examples, { folds }), contextOf());
    const [others] = await scoreInParallel(foldHeads(renamed, { folds }), contextOf());
    expect(others).toEqual(scores);
  });

  test('go on where they stood when they were interrupted, to the same bits, and leave no tensor behind', async () => {
    const calm = await scoreInParallel(foldHeads(examples), contextOf());
    const world = testWorld();
    const stop = new AbortController();
    const context = contextOf(stop.signal, world);
    const before = memory().numTensors;
    let epochs = 0;
    const report = () => {
      if (++epochs === 5) stop.abort(new Error('the machine goes away'));
    };
    await expect(freeVariables(() => scoreInParallel(foldHeads(examples, { report }), context))).rejects.toMatchObject({
      code: 'TRAINING_INTERRUPTED',
    });
    const retrain = { ...contextOf(undefined, world), job: { ...context.job, attempt: 2 } };
    expect(await freeVariables(() => scoreInParallel(foldHeads(examples, { report: () => epochs++ }), retrain))).toEqual(calm);
    expect(epochs).toBeLessThanOrEqual(61);
    expect(memory().numTensors).toBe(before);
  });
});
