import { expect, test, vi } from 'vitest';
import { measureNetworks } from '../../../lib/calibration/measure-networks.ts';
import type { Timing } from '../../../lib/calibration/probe.ts';
import { referenceRates } from '../../../lib/calibration/reference-rates.ts';
import type { TrainingEngine } from '../../../lib/training/start-engine.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

/** The timings in the order in which they are taken; nothing is timed. */
const taken = vi.hoisted<Timing[]>(() => []);

vi.mock('../../../lib/calibration/probe.ts', async (original) => ({
  ...(await original<typeof import('../../../lib/calibration/probe.ts')>()),
  timeRepeatedly: async () => taken.shift(),
}));

useTensorFlow();

const engine = {
  runtime: { name: 'wasm' },
  open: async () => ({ openTrainer: () => ({ close() {} }) }),
} as unknown as TrainingEngine;

/** Of two networks, a frozen part, a training and a prediction each; then of steps of a head. */
const TIMINGS = 7;

test.each(Array.from({ length: TIMINGS }, (_, at) => at))('the spread of the rates includes that of timing %i', async (at) => {
  taken.push(...Array.from({ length: TIMINGS }, (_, i) => ({ seconds: i === at ? [1, 1, 9] : [1, 1, 1] })));
  const { spread } = await measureNetworks(referenceRates.wasm, engine);
  expect(spread).toBe(9);
  expect(taken).toEqual([]);
});
