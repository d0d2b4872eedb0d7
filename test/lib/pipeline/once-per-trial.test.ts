import { expect, it } from 'vitest';
import { z } from 'zod';
import { loadOrCompute } from '../../../lib/jobs/computed-once.ts';
import { oncePerJob, oncePerTrial, trialCheckpoints } from '../../../lib/pipeline/once-per-trial.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { testWorld } from '../../support/world.ts';

const job = { id: 'job-1', attempt: 1 } as TrainingContext['job'];

/** The contexts of two trials of a job. */
function twoTrials() {
  const world = testWorld();
  return [
    { job, world, part: 'trial-1-rung-1-' },
    { job, world, part: 'trial-2-rung-1-' },
  ] as const;
}

it.each([
  ['each trial computes its own', oncePerTrial, [1, 2, 1]],
  ['all trials share the first one', oncePerJob, [1, 1, 1]],
])('stores a value: %s', async (_, once, expected) => {
  const [first, second] = twoTrials();
  let computed = 0;
  const values: number[] = [];
  for (const context of [first, second, first])
    values.push(await loadOrCompute(once('speed', z.int(), context), context.world.store, async () => ++computed));
  expect(values).toEqual(expected);
});

it('keeps the checkpoints of trials apart', async () => {
  const [first, second] = twoTrials();
  await trialCheckpoints('head', first).save(new Uint8Array([1]));
  expect(await trialCheckpoints('head', first).load()).toEqual(new Uint8Array([1]));
  expect(await trialCheckpoints('head', second).load()).toBeUndefined();
});

it('adds the prefix of a trial to the names that are stored', () => {
  const trial = { job, part: 'trial-1-rung-1-' };
  expect(oncePerTrial('mixture', z.int(), trial).name).toBe('trial-1-rung-1-mixture');
  expect(oncePerTrial('mixture', z.int(), { job }).name).toBe('mixture');
  expect(oncePerJob('crop', z.int(), trial).name).toBe('crop');
});
