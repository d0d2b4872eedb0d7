import { describe, expect, it } from 'vitest';
import { balancedWeights, classWeightsFor, termWeights } from '../../../lib/training/class-weights.ts';
import { memoryExamples, targetsOf } from '../../../lib/training/examples.ts';

const examples = (labels: number[][], classes: number) =>
  memoryExamples({ inputs: new Float32Array(labels.length), inputShape: [1], classes, targets: targetsOf(labels, classes) });

describe('balancedWeights', () => {
  it('gives each class the same sum, and all the sum of the examples, as scikit-learn does', () => {
    const { present } = balancedWeights('single-label', examples([[0], [0], [0], [1], [2], [2]], 3));
    expect(present).toEqual([6 / 9, 2, 1]);
  });

  it('leaves a class without examples out', () => {
    expect(balancedWeights('single-label', examples([[0], [0], [2]], 3)).present).toEqual([0.75, 0, 1.5]);
  });

  it('weighs presence and absence of each label for multi-label', () => {
    const { present, absent } = balancedWeights('multi-label', examples([[0], [0, 1], [0], []], 2));
    expect(present).toEqual([4 / 6, 2]);
    expect(absent).toEqual([2, 4 / 6]);
  });
});

describe('classWeightsFor', () => {
  const options = { task: 'single-label', examples: examples([[0], [1]], 2), labels: ['cat', 'dog'] } as const;

  it('takes weights by label, 1 where none is named', () => {
    expect(classWeightsFor({ dog: 3 }, options)?.present).toEqual([1, 3]);
  });

  it('refuses a label that the data set has not', () => {
    expect(() => classWeightsFor({ dgo: 3 }, options)).toThrow(
      expect.objectContaining({ code: 'CLASS_WEIGHT_LABEL', at: 'training.classWeights.dgo' }),
    );
  });
});

describe('termWeights', () => {
  const batch = (labels: number[][], weights?: number[]) => ({
    inputs: new Float32Array(labels.length),
    targets: targetsOf(labels, 2),
    ...(weights && { weights: Float32Array.from(weights) }),
  });
  const cases = [
    { name: 'nothing where all count the same', batch: batch([[0]]), of: undefined, expected: undefined },
    {
      name: "an example's own weight",
      batch: batch([[0], [1]], [1, 3]),
      of: undefined,
      expected: { values: [1, 3], columns: 1 },
    },
    {
      name: "its class's weight times its own",
      batch: batch([[0], [1]], [1, 3]),
      of: { task: 'single-label' as const, present: [5, 2], absent: [1, 1] },
      expected: { values: [5, 6], columns: 1 },
    },
    {
      name: "each label's weight, present or absent",
      batch: batch([[0], []], [1, 2]),
      of: { task: 'multi-label' as const, present: [5, 7], absent: [2, 3] },
      expected: { values: [5, 3, 4, 6], columns: 2 },
    },
  ];
  it.each(cases)('is $name', ({ batch, of, expected }) => {
    const weights = termWeights(batch, of);
    expect(weights && { values: [...weights.values], columns: weights.columns }).toEqual(expected);
  });
});
