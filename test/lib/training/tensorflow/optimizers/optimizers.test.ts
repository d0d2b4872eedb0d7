import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { OptimizerSpec } from '../../../../../lib/contracts/training-spec.ts';
import type { ModelVariable } from '../../../../../lib/training/layers-model/leaf-layers.ts';
import { buildOptimizer } from '../../../../../lib/training/tensorflow/optimizers/build-optimizer.ts';
import { clipGradients } from '../../../../../lib/training/tensorflow/optimizers/clip-gradients.ts';
import { readVariables, writeVariables } from '../../../../../lib/training/tensorflow/variables.ts';
import { useTensorFlow } from '../../../../support/tensorflow.ts';

useTensorFlow();

const specs = [
  { name: 'sgd' },
  { name: 'sgd', momentum: 0.9 },
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop' },
  { name: 'rmsprop', momentum: 0.9, centered: true, learningRate: 0.01 },
  { name: 'adagrad', learningRate: 0.1 },
  { name: 'adam', learningRate: 0.05 },
  { name: 'adam', amsgrad: true, clipNorm: 0.5 },
  { name: 'adamw', globalClipNorm: 1 },
].map((spec) => ({ name: JSON.stringify(spec), spec: OptimizerSpec.parse(spec) }));

/** A bowl with its bottom at 1: the gradient of a variable is 2 (x - 1). */
function bowl(): { variables: ModelVariable[]; gradients: () => tf.Tensor[]; distance: () => number; dispose: () => void } {
  const variables = [
    { name: 'a/kernel', layer: 'a', variable: tf.variable(tf.tensor2d([[3, -2, 0.5]])) },
    { name: 'b/bias', layer: 'b', variable: tf.variable(tf.tensor1d([4])) },
  ];
  const gradients = (): tf.Tensor[] => tf.tidy(() => variables.map(({ variable }) => tf.mul(tf.sub(variable, 1), 2)));
  return {
    variables,
    gradients,
    distance: () => tf.tidy(() => Math.sqrt(tf.addN(gradients().map((g) => tf.sum(tf.square(g)))).dataSync()[0]!)),
    dispose: () => tf.dispose(variables.map(({ variable }) => variable)),
  };
}

describe.each(specs)('$name', ({ spec }) => {
  it('goes down, and holds the same number of tensors for 500 steps', () => {
    const { variables, gradients, distance, dispose } = bowl();
    const optimizer = buildOptimizer(spec, variables);
    const before = distance();
    const held = new Set([tf.memory().numTensors]);
    for (let i = 0; i < 500; i++) {
      const slopes = gradients();
      optimizer.step(slopes, () => spec.learningRate);
      tf.dispose(slopes);
      held.add(tf.memory().numTensors);
    }
    expect(held.size).toBe(1);
    expect(distance()).toBeLessThan(before);
    optimizer.dispose();
    dispose();
  });

  it('goes on from a copy of its state to the same bits', async () => {
    const { variables, gradients, dispose } = bowl();
    const state = variables.map(({ name, variable }) => [name, variable] as const);
    const step = (optimizer: ReturnType<typeof buildOptimizer>): void => {
      const slopes = gradients();
      optimizer.step(slopes, () => spec.learningRate);
      tf.dispose(slopes);
    };
    const first = buildOptimizer(spec, variables);
    for (let i = 0; i < 7; i++) step(first);
    const middle = { weights: await readVariables(state), slots: await readVariables(first.slots), iterations: first.iterations };
    for (let i = 0; i < 5; i++) step(first);
    const expected = await readVariables(state);
    const second = buildOptimizer(spec, variables);
    writeVariables(middle.weights, state);
    writeVariables(middle.slots, second.slots);
    second.iterations = middle.iterations;
    for (let i = 0; i < 5; i++) step(second);
    expect(await readVariables(state)).toEqual(expected);
    first.dispose();
    second.dispose();
    dispose();
  });
});

describe('an optimizer', () => {
  it('gives each layer the rate that it is asked to', () => {
    const { variables, gradients, dispose } = bowl();
    const optimizer = buildOptimizer(OptimizerSpec.parse({ name: 'sgd' }), variables);
    const slopes = gradients();
    optimizer.step(slopes, ({ layer }) => (layer === 'a' ? 0 : 0.25));
    expect([...variables[0]!.variable.dataSync()]).toEqual([3, -2, 0.5]);
    expect([...variables[1]!.variable.dataSync()]).toEqual([2.5]);
    tf.dispose(slopes);
    optimizer.dispose();
    dispose();
  });
});

describe('clipGradients', () => {
  const gradients = [
    [3, 4],
    [0, 0],
    [0.3, 0.4],
  ];
  const cases = [
    { name: 'nothing', clipping: {}, expected: gradients },
    {
      name: 'each that is too long',
      clipping: { clipNorm: 1 },
      expected: [
        [0.6, 0.8],
        [0, 0],
        [0.3, 0.4],
      ],
    },
    {
      name: 'all together',
      clipping: { globalClipNorm: Math.hypot(5, 0.5) / 2 },
      expected: [
        [1.5, 2],
        [0, 0],
        [0.15, 0.2],
      ],
    },
    { name: 'nothing that is short enough', clipping: { clipNorm: 6, globalClipNorm: 6 }, expected: gradients },
  ];
  it.each(cases)('shortens $name', ({ clipping, expected }) => {
    tf.tidy(() => {
      const clipped = clipGradients(
        gradients.map((values) => tf.tensor1d(values)),
        clipping,
      );
      for (const [i, values] of expected.entries()) {
        for (const [j, value] of clipped[i]!.dataSync().entries()) expect(value).toBeCloseTo(values[j]!, 6);
      }
    });
  });
});
