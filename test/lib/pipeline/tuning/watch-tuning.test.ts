import { expect, test } from 'vitest';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import { watchTuning } from '../../../../lib/pipeline/tuning/watch-tuning.ts';
import { testWorld } from '../../../support/world.ts';

/** Ten epochs of 10 s, and as many on training and validation images together. */
const needed = { training: 100, epochs: 10, epoch: 10, retraining: 100, crossValidation: 0, reserve: 5 };

interface Options {
  readonly hasBegun?: boolean;
  readonly planned?: number;
  readonly awakeSeconds?: () => number;
}

function open(
  budgetSeconds: number,
  now: () => number,
  world = testWorld(),
  { hasBegun = false, planned = 10, awakeSeconds }: Options = {},
) {
  const clock = { now: () => new Date(1000 * now()), ...(awakeSeconds && { awakeSeconds }) };
  const spec = { fineTuning: { budgetMinutes: budgetSeconds / 60 }, training: { refit: true }, compute: {} };
  const context = { job: { id: 'job-1', spec }, world: { ...world, clock }, jobContext: {} } as unknown as TrainingContext;
  return watchTuning({ name: 'tail', needed, planned, spent: 0, hasBegun }, context);
}

/** A fine-tuning that may take 200 s with what follows. @param secondsPerEpoch as measured */
async function tune(secondsPerEpoch: number, world = testWorld()) {
  let seconds = 0;
  const watch = await open(200, () => seconds, world);
  let epochs = 0;
  while (epochs < 10 && watch.mayContinue(epochs)) {
    epochs++;
    seconds += secondsPerEpoch;
  }
  return { epochs, ...(await watch.end(epochs)) };
}

test('a fine-tuning at the estimated pace ends with its last epoch', async () => {
  expect(await tune(10)).toEqual({ epochs: 10, limit: undefined, timed: needed });
});

test('a slower one ends while there is time for what follows, which has as many epochs', async () => {
  const { epochs, limit, timed } = await tune(17);
  expect(epochs).toBe(5);
  expect(limit).toMatch(/^fineTuning\.budgetMinutes/);
  expect(timed).toMatchObject({ training: expect.closeTo(85), epoch: expect.closeTo(17), retraining: expect.closeTo(85) });
});

test('a night in which the machine sleeps is no part of an epoch', async () => {
  let [seconds, awake] = [0, 0];
  const watch = await open(210, () => seconds, testWorld(), { awakeSeconds: () => awake });
  for (let epochs = 0; epochs < 10; epochs++) {
    expect(watch.mayContinue(epochs)).toBe(true);
    seconds += epochs === 3 ? 36_000 : 10;
    awake += 10;
  }
  expect(await watch.end(10)).toEqual({ limit: undefined, timed: needed });
});

test('an attempt that resumes counts the epochs of earlier ones', async () => {
  const budgeted = async (seconds: number) => (await open(seconds, () => 0)).mayContinue(5);
  // Five epochs before, one more, and six on all images: 50 + 10 + 60 seconds.
  expect([await budgeted(119), await budgeted(121)]).toEqual([false, true]);
});

test('a later attempt, however fast, neither trains on nor counts fewer seconds', async () => {
  const world = testWorld();
  const ended = await tune(17, world);
  expect(await tune(1, world)).toEqual(ended);
});

test.each([
  { what: 'the rest of an epoch that an earlier attempt began', hasBegun: true, seconds: 1, expected: 10 },
  { what: 'a whole epoch, the last one', hasBegun: false, seconds: 30, expected: 30 },
])('after $what, an epoch counts $expected s', async ({ hasBegun, seconds, expected }) => {
  let now = 0;
  const watch = await open(200, () => now, testWorld(), { hasBegun, planned: 1 });
  expect(watch.mayContinue(0)).toBe(true);
  now = seconds;
  if (hasBegun) watch.mayContinue(1);
  expect((await watch.end(1)).timed.epoch).toBe(expected);
});

test('a last epoch that an earlier attempt began is not the end by a limit, though there was no time for a whole one', async () => {
  const watch = await open(10, () => 0, testWorld(), { hasBegun: true, planned: 2 });
  expect(watch.mayContinue(1)).toBe(false);
  expect((await watch.end(2)).limit).toBeUndefined();
});

test('the time between the last question and the end is no part of an epoch', async () => {
  let now = 0;
  const watch = await open(30, () => now);
  watch.mayContinue(0);
  now = 12;
  expect(watch.mayContinue(1)).toBe(false);
  now = 20;
  expect((await watch.end(1)).timed.epoch).toBe(12);
});
