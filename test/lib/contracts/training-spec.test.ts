import { describe, expect, it } from 'vitest';
import { TrainingSpec } from '../../../lib/contracts/training-spec.ts';

describe('TrainingSpec', () => {
  it('writes every default out', () => {
    expect(TrainingSpec.parse({})).toEqual({
      optimizer: { name: 'adam', learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
      findLearningRate: false,
      schedule: { name: 'constant' },
      epochs: 60,
      batchSize: 32,
      gradientAccumulation: 1,
      loss: { name: 'crossEntropy' },
      classWeights: 'none',
      augment: 'none',
      augmentVariants: 3,
      labelSmoothing: 0,
      earlyStopping: { patience: 5 },
      refit: true,
      checkpointMinutes: 5,
      repeats: 1,
      seed: 0,
    });
  });

  it('has one default rate for Adam, named or not', () => {
    expect(TrainingSpec.parse({ optimizer: { name: 'adam' } })).toEqual(TrainingSpec.parse({}));
  });

  it.each([
    { optimizer: { name: 'sgd' }, expected: { learningRate: 0.01, momentum: 0, nesterov: false } },
    { optimizer: { name: 'rmsprop' }, expected: { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false } },
    { optimizer: { name: 'adamw' }, expected: { learningRate: 0.001, weightDecay: 0.004 } },
    { optimizer: { name: 'adagrad' }, expected: { learningRate: 0.001, initialAccumulator: 0.1, epsilon: 1e-7 } },
  ])("takes Keras's defaults for $optimizer.name", ({ optimizer, expected }) => {
    expect(TrainingSpec.parse({ optimizer }).optimizer).toMatchObject(expected);
  });

  it.each([
    { name: 'an unknown key', spec: { epoch: 3 } },
    { name: 'an unknown optimizer', spec: { optimizer: { name: 'lion' } } },
    { name: "another optimizer's setting", spec: { optimizer: { name: 'sgd', beta1: 0.9 } } },
    { name: 'no epochs', spec: { epochs: 0 } },
    { name: 'a rate of 0', spec: { optimizer: { name: 'adam', learningRate: 0 } } },
    { name: 'a negative class weight', spec: { classWeights: { cat: -1 } } },
  ])('refuses $name', ({ spec }) => {
    expect(TrainingSpec.safeParse(spec).success).toBe(false);
  });
});
