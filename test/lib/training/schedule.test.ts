import { describe, expect, it } from 'vitest';
import { ScheduleSpec } from '../../../lib/contracts/training-spec.ts';
import { rateFactor } from '../../../lib/training/schedule.ts';

const factors = (spec: object, steps: readonly number[], validationLosses: readonly number[] = []): number[] =>
  steps.map((step) => rateFactor(ScheduleSpec.parse(spec), { step, stepsPerEpoch: 10, epochs: 10, validationLosses }));

describe('rateFactor', () => {
  const cases = [
    { name: 'constant stays', spec: { name: 'constant' }, steps: [0, 50, 99], expected: [1, 1, 1] },
    { name: 'cosine falls to 0', spec: { name: 'cosine' }, steps: [0, 25, 50, 100], expected: [1, 0.853553, 0.5, 0] },
    {
      name: 'cosine falls to its last factor',
      spec: { name: 'cosine', finalFactor: 0.2 },
      steps: [0, 50, 100],
      expected: [1, 0.6, 0.2],
    },
    {
      name: 'cosine rises first',
      spec: { name: 'cosine', warmupEpochs: 2 },
      steps: [0, 5, 20, 60, 100],
      expected: [0, 0.25, 1, 0.5, 0],
    },
    {
      name: 'step falls at each edge',
      spec: { name: 'step', everyEpochs: 3, factor: 0.5 },
      steps: [29, 30, 59, 60],
      expected: [1, 0.5, 0.5, 0.25],
    },
    {
      name: 'oneCycle rises and falls',
      spec: { name: 'oneCycle' },
      steps: [0, 15, 30, 65, 100],
      expected: [0.04, 0.52, 1, 0.500002, 0.000004],
    },
  ];
  it.each(cases)('$name', ({ spec, steps, expected }) => {
    for (const [i, factor] of factors(spec, steps).entries()) expect(factor).toBeCloseTo(expected[i]!, 6);
  });

  it('reduces once for each time that the validation loss stood still for so long', () => {
    const spec = { name: 'reduceOnPlateau', patience: 2, factor: 0.1 };
    const losses = [3, 2, 2.5, 2, 1, 1.5, 1.2, 1.1, 1.1];
    const after = losses.map((_, epoch) => factors(spec, [0], losses.slice(0, epoch + 1))[0]);
    expect(after).toEqual([1, 1, 1, 0.1, 0.1, 0.1, 0.1 ** 2, 0.1 ** 2, 0.1 ** 3]);
    expect(factors({ ...spec, minimumFactor: 0.05 }, [0], losses)).toEqual([0.05]);
  });

  it('takes a loss that falls by less than 0.0001 as one that stands still, as Keras does', () => {
    const spec = { name: 'reduceOnPlateau', patience: 3, factor: 0.1 };
    const falling = (by: number) => Array.from({ length: 4 }, (_, epoch) => 1 - by * epoch);
    expect(factors(spec, [0], falling(2e-5))).toEqual([0.1]);
    // The last is further than that below the first.
    expect(factors(spec, [0], falling(5e-5))).toEqual([1]);
    expect(factors(spec, [0], falling(2e-4))).toEqual([1]);
  });
});
