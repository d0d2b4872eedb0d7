import { expect, test } from 'vitest';
import { choosePrecision, type PrecisionLosses } from '../../../lib/search/choose-precision.ts';

const faster = { float32: 95, int8: 155, ratio: 1.63 };
const losses = (gain: number, standardError: number): PrecisionLosses => ({
  float32: 0.2,
  int8: 0.2 - gain,
  difference: { gain, standardError, images: 400 },
});

test.each([
  ['a lower loss', 0.01, 0.004, 'int8'],
  ['the same loss', 0, 0, 'int8'],
  ['a loss that is higher by the standard error', -0.004, 0.004, 'int8'],
  ['a loss that is higher by more', -0.0041, 0.004, 'float32'],
  ['a single image, whose difference has no error', 1, Number.POSITIVE_INFINITY, 'float32'],
] as const)('a faster int8 trunk with %s', (_, gain, standardError, used) => {
  expect(choosePrecision(faster, losses(gain, standardError)).used).toBe(used);
});

test.each([
  ['slower', { float32: 95, int8: 80, ratio: 0.84 }],
  ['as fast', { float32: 95, int8: 95, ratio: 1 }],
  ['faster by less than two timings differ', { float32: 95, int8: 103, ratio: 1.09 }],
])('an int8 trunk that is %s is not used, and the reason has both speeds', (_, speeds) => {
  expect(choosePrecision(speeds)).toEqual({
    used: 'float32',
    reason:
      `The backbone stays in float32: on this machine it runs ${speeds.int8.toPrecision(3)} images a second in int8 and ` +
      '95.0 in float32, and int8 must be 1.1 times as fast.',
  });
});

test('the reason of a worse head has both losses', () => {
  expect(choosePrecision(faster, losses(-0.01, 0.004)).reason).toBe(
    'The backbone stays in float32: a linear head on 400 training images has a loss of 0.2100 in int8 and 0.2000 in float32 ' +
      '(difference 0.0100, standard error 0.0040).',
  );
});
