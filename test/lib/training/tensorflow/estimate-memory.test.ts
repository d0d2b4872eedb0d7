import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { HeadSpec } from '../../../../lib/contracts/head-spec.ts';
import { TrainingSpec } from '../../../../lib/contracts/training-spec.ts';
import { buildHead } from '../../../../lib/heads/build-head.ts';
import { categoricalCrossEntropy } from '../../../../lib/training/losses/loss.ts';
import { checkTrainingMemory, type MemoryRoom } from '../../../../lib/training/tensorflow/check-memory.ts';
import { estimateTrainingMemory } from '../../../../lib/training/tensorflow/estimate-memory.ts';
import { startScript } from '../../../support/processes/script.ts';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

const loss = categoricalCrossEntropy();
const training = (spec: object = {}): TrainingSpec => TrainingSpec.parse({ batchSize: 64, ...spec });
/** 48 * 10 + 10 weights of a dense layer, 4 * 10 of a normalization, 10 * 2 + 2 of the output. */
const build = (): tfl.LayersModel =>
  buildHead(HeadSpec.parse([{ layer: 'flatten' }, { layer: 'dense', units: 10 }, { layer: 'batchNormalization' }]), [4, 4, 3], {
    classes: 2,
    seed: 0,
  });

describe('estimateTrainingMemory', () => {
  it.each(['convolutions', 'dense'])('foretells within half as much again what a process takes that trains: %s', async (net) => {
    const script = startScript(new URL('../scripts/measure-training.ts', import.meta.url), net);
    const [line = '{}'] = await script.read(1);
    const { estimated, grown } = JSON.parse(line);
    expect(estimated / grown).toBeGreaterThan(1 / 1.5);
    expect(estimated / grown).toBeLessThan(1.5);
    expect(grown, 'a training that takes something').toBeGreaterThan(100 * 2 ** 20);
    expect(await script.ended).toBe(0);
  });

  it('counts weights, slots and gradients, and grows evenly with the batch', async () => {
    const model = build();
    const memoryOf = await estimateTrainingMemory({ model, loss, training: training() });
    const of = (batchSize: number) => memoryOf({ batchSize, gradientAccumulation: 1 });
    const trained = 4 * (490 + 20 + 22);
    expect(of(1)).toMatchObject({ weights: trained + 4 * 20, gradients: trained, slots: 2 * trained });
    const [first, second, third] = [1000, 2000, 3000].map((size) => of(size).device);
    expect(second! - first!).toBeGreaterThan(1000 * 4 * 48);
    expect(third! - second!).toBeCloseTo(second! - first!, 3);
    model.dispose();
  });

  it.each([
    { optimizer: { name: 'sgd' }, slots: 0 },
    { optimizer: { name: 'sgd', momentum: 0.9 }, slots: 1 },
    { optimizer: { name: 'adam', amsgrad: true }, slots: 3 },
  ])('counts the $slots slots of $optimizer', async ({ optimizer, slots }) => {
    const model = build();
    const spec = training({ optimizer });
    const memory = (await estimateTrainingMemory({ model, loss, training: spec }))(spec);
    expect(memory.slots).toBe(slots * memory.gradients);
    model.dispose();
  });

  it('counts nothing for what is frozen but its weights', async () => {
    const model = build();
    const spec = training({ batchSize: 1000 });
    const all = (await estimateTrainingMemory({ model, loss, training: spec }))(spec);
    model.getLayer('head_dense_1').trainable = false;
    const some = (await estimateTrainingMemory({ model, loss, training: spec }))(spec);
    expect(some.weights).toBe(all.weights);
    expect(all.gradients - some.gradients).toBe(4 * 490);
    expect(some.device).toBeLessThan(all.device);
    model.dispose();
  });

  it('leaves weights and statistics as they are, and no tensor behind', async () => {
    const model = build();
    const read = (): number[][] => model.getWeights().map((weight) => [...weight.dataSync()]);
    const [before, tensors] = [read(), tf.memory().numTensors];
    await estimateTrainingMemory({ model, loss, training: training() });
    expect(read()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });
});

describe('checkTrainingMemory', () => {
  const check = async (room: MemoryRoom, spec: object = {}) => {
    const built = build();
    try {
      return await checkTrainingMemory({ model: built, loss, training: training(spec) }, room);
    } finally {
      built.dispose();
    }
  };

  it('lets a training begin that fits', async () => {
    expect((await check({})).device).toBeGreaterThan(0);
    const { device, host, weights } = await check({});
    await expect(check({ process: device - weights + host + 1, device: device + 1 })).resolves.toBeDefined();
  });

  it.each(['process', 'device'] as const)(
    'refuses one that does not, and names the largest batch that fits: %s',
    async (where) => {
      // The gradients of two batches take a little more than one batch alone.
      const { device, weights, host } = await check({}, { batchSize: 256, gradientAccumulation: 4 });
      const room = { [where]: 1 + (where === 'device' ? device : device - weights + host) };
      const refused = check(room, { batchSize: 900 });
      await expect(refused).rejects.toMatchObject({
        code: 'MEMORY_TOO_SMALL',
        at: 'training.batchSize',
        retryable: false,
        fix: expect.stringContaining('training.batchSize to 256, and training.gradientAccumulation to 4'),
      });
      await expect(check(room, { batchSize: 256, gradientAccumulation: 4 })).resolves.toBeDefined();
      await expect(check(room, { batchSize: 512, gradientAccumulation: 2 })).rejects.toMatchObject({ code: 'MEMORY_TOO_SMALL' });
    },
  );

  it('says what else helps where no batch fits', async () => {
    await expect(check({ process: 1000 })).rejects.toMatchObject({
      code: 'MEMORY_TOO_SMALL',
      fix: expect.stringContaining('freeze more'),
    });
  });
});
