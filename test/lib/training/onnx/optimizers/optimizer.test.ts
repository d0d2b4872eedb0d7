import { describe, expect, it } from 'vitest';
import { OptimizerSpec } from '../../../../../lib/contracts/training-spec.ts';
import { mulberry32 } from '../../../../../lib/random.ts';
import { arrayOptimizer } from '../../../../../lib/training/onnx/optimizers/optimizer.ts';
import { allocateVariables } from '../../../../../lib/training/onnx/optimizers/update-memory.ts';

type Slots = Record<string, number>;
/** One step of one weight in float64. @returns its change; slots change in place */
type Rule = (gradient: number, slots: Slots, step: { readonly rate: number; readonly iteration: number }) => number;

/** Keras's formulas, by the settings that are tested. */
const rules: readonly (readonly [name: string, spec: object, start: Slots, rule: Rule])[] = [
  ['sgd', { name: 'sgd', momentum: 0 }, {}, (g, _, { rate }) => -rate * g],
  [
    'sgd with momentum',
    { name: 'sgd', momentum: 0.9 },
    { velocity: 0 },
    (g, slots, { rate }) => {
      slots.velocity = 0.9 * slots.velocity! - rate * g;
      return slots.velocity;
    },
  ],
  [
    'sgd with Nesterov momentum',
    { name: 'sgd', momentum: 0.9, nesterov: true },
    { velocity: 0 },
    (g, slots, { rate }) => {
      slots.velocity = 0.9 * slots.velocity! - rate * g;
      return 0.9 * slots.velocity - rate * g;
    },
  ],
  [
    'rmsprop',
    { name: 'rmsprop', rho: 0.8, momentum: 0, epsilon: 1e-5 },
    { velocity: 0 },
    (g, slots, { rate }) => {
      slots.velocity = 0.8 * slots.velocity! + 0.2 * g ** 2;
      return (-rate * g) / Math.sqrt(slots.velocity + 1e-5);
    },
  ],
  [
    'rmsprop, centered, with momentum',
    { name: 'rmsprop', rho: 0.8, momentum: 0.5, centered: true, epsilon: 1e-3 },
    { velocity: 0, averageGradient: 0, momentum: 0 },
    (g, slots, { rate }) => {
      slots.velocity = 0.8 * slots.velocity! + 0.2 * g ** 2;
      slots.averageGradient = 0.8 * slots.averageGradient! + 0.2 * g;
      const step = (rate * g) / Math.sqrt(slots.velocity - slots.averageGradient ** 2 + 1e-3);
      slots.momentum = 0.5 * slots.momentum! + step;
      return -slots.momentum;
    },
  ],
  ['adam', { name: 'adam', beta1: 0.8, beta2: 0.99, epsilon: 1e-6 }, { momentum: 0, velocity: 0 }, adam(false)],
  [
    'adam with amsgrad',
    { name: 'adam', beta1: 0.8, beta2: 0.99, epsilon: 1e-6, amsgrad: true },
    { momentum: 0, velocity: 0, largestVelocity: 0 },
    adam(true),
  ],
  [
    'adagrad',
    { name: 'adagrad', initialAccumulator: 0.1, epsilon: 1e-6 },
    { accumulator: 0.1 },
    (g, slots, { rate }) => {
      slots.accumulator! += g ** 2;
      return (-rate * g) / Math.sqrt(slots.accumulator! + 1e-6);
    },
  ],
];

function adam(amsgrad: boolean): Rule {
  return (g, slots, { rate, iteration }) => {
    slots.momentum! += 0.2 * (g - slots.momentum!);
    slots.velocity! += 0.01 * (g ** 2 - slots.velocity!);
    if (amsgrad) slots.largestVelocity = Math.max(slots.largestVelocity!, slots.velocity!);
    const variance = amsgrad ? slots.largestVelocity! : slots.velocity!;
    const corrected = (rate * Math.sqrt(1 - 0.99 ** iteration)) / (1 - 0.8 ** iteration);
    return (-corrected * slots.momentum!) / (Math.sqrt(variance) + 1e-6);
  };
}

/** Sizes with and without a rest of the four values that a kernel computes at once. */
const variables = [
  { name: 'a/kernel', layer: 'a', size: 7 },
  { name: 'a/bias', layer: 'a', size: 1 },
  { name: 'b/kernel', layer: 'b', size: 100 },
];

describe('an update in WebAssembly', () => {
  it.each(rules)('by %s is that of the formula in float64', (_, spec, start, rule) => {
    const random = mulberry32(1);
    const optimizer = arrayOptimizer(OptimizerSpec.parse(spec), variables);
    const expected = optimizer.variables.map(({ values }) => {
      for (let i = 0; i < values.length; i++) values[i] = random() - 0.5;
      return Array.from(values, (value) => ({ value, slots: { ...start } }));
    });
    for (let iteration = 1; iteration <= 5; iteration++) {
      for (const [v, { gradient, layer }] of optimizer.variables.entries()) {
        for (let i = 0; i < gradient.length; i++) {
          gradient[i] = random() - 0.5;
          const weight = expected[v]![i]!;
          weight.value += rule(gradient[i]!, weight.slots, { rate: rateOf({ layer }), iteration });
        }
      }
      optimizer.step(rateOf);
    }
    for (const [v, { name, values }] of optimizer.variables.entries()) {
      expectClose(
        values,
        expected[v]!.map(({ value }) => value),
      );
      for (const slot of Object.keys(start)) {
        expectClose(
          optimizer.slots.get(`${slot}/${name}`)!.values,
          expected[v]!.map(({ slots }) => slots[slot]!),
        );
      }
    }
    expect([...optimizer.slots.keys()]).toHaveLength(variables.length * Object.keys(start).length);
  });

  it('by adamw decays first, by the rate of the layer', () => {
    const [plain, decaying] = [0, 0.5].map((weightDecay) =>
      arrayOptimizer(OptimizerSpec.parse({ name: 'adamw', weightDecay }), variables),
    );
    for (const optimizer of [plain!, decaying!]) {
      for (const { values, gradient } of optimizer.variables) {
        values.fill(1);
        gradient.fill(0.1);
      }
      optimizer.step(rateOf);
    }
    for (const [v, { values, layer }] of decaying!.variables.entries()) {
      expect(values[0]).toBeCloseTo(plain!.variables[v]!.values[0]! - 0.5 * rateOf({ layer }), 6);
    }
  });

  it('changes nothing else in the memory', () => {
    const [first, second, third] = allocateVariables(variables, { momentum: 0 });
    first!.kernels.scale(second!.bytes, second!.values.byteOffset, 2);
    second!.values.fill(3);
    second!.kernels.scale(second!.bytes, second!.values.byteOffset, 2);
    expect(second!.values).toEqual(Float32Array.of(6));
    for (const { values, gradient, slots } of [first!, third!]) {
      for (const array of [values, gradient, slots.get('momentum')!]) expect(array.every((value) => value === 0)).toBe(true);
    }
  });
});

describe('the memory of an optimizer', () => {
  it('is divided where one has no room for all variables', () => {
    const allocated = allocateVariables(variables, { velocity: 2 }, 16 + 3 * 400 + 3 * 16);
    const buffers = allocated.map(({ values }) => values.buffer);
    expect(buffers[1]).toBe(buffers[0]);
    expect(buffers[2]).not.toBe(buffers[0]);
    expect(allocated.map(({ values, gradient }) => [values.length, gradient.length])).toEqual([
      [7, 7],
      [1, 1],
      [100, 100],
    ]);
    expect(allocated.map(({ slots }) => slots.get('velocity')!.every((value) => value === 2))).toEqual([true, true, true]);
  });

  it('has a limit for each variable', () => {
    const expected = { code: 'VARIABLE_TOO_LARGE', message: expect.stringContaining('b/kernel') };
    expect(() => allocateVariables(variables, {}, 800)).toThrow(expect.objectContaining(expected));
  });

  it('fails with a clear error if the machine does not have it', () => {
    const huge = { name: 'kernel', size: 2 ** 30 };
    expect(() => allocateVariables([huge], {}, 2 ** 40)).toThrow(expect.objectContaining({ code: 'MEMORY_TOO_SMALL' }));
  });
});

function rateOf({ layer }: { readonly layer: string }): number {
  return layer === 'a' ? 0.1 : 0.02;
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(actual[i]! - value)).toBeLessThan(2e-5 * Math.max(0.1, Math.abs(value)));
  }
}
