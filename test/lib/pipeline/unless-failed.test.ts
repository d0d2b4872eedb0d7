import { expect, test } from 'vitest';
import { CapacityError, RuntimeError } from '../../../lib/errors.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { unlessDiverged, unlessOutOfMemory } from '../../../lib/pipeline/unless-failed.ts';
import { testWorld } from '../../support/world.ts';

const details = { expected: 'another outcome', fix: 'lower the learning rate' };
const explain = (why: string) => why;

function contextOf(part?: string): TrainingContext {
  const context: unknown = { job: { id: 'job-1', attempt: 1 }, world: testWorld(), ...(part !== undefined && { part }) };
  return context as TrainingContext;
}

test.each([
  ['LOSS_NOT_FINITE', 'its loss became infinite or not a number'],
  ['WEIGHTS_NOT_FINITE', 'its weights became infinite or not a number'],
])('a training that fails with %s is explained, and not tried again', async (code, why) => {
  const context = contextOf();
  const fails = () => Promise.reject(new RuntimeError(code, details));
  expect(await unlessDiverged('tail', fails, explain, context)).toBe(why);
  expect(await unlessDiverged('tail', () => expect.unreachable('it diverges again'), explain, context)).toBe(why);
  expect(await unlessDiverged('deeper', async () => 'trained', explain, context), 'another training').toBe('trained');
  expect(await unlessDiverged('tail', async () => 'trained', explain, { ...context, part: 'trial-1-' })).toBe('trained');
});

test.each([
  new RuntimeError('DEVICE_LOST', { ...details, retryable: true }),
  new CapacityError('MEMORY_TOO_SMALL', details),
  new Error('the disk is full'),
])('$message is not taken for divergence', async (error) => {
  await expect(unlessDiverged('tail', () => Promise.reject(error), explain, contextOf())).rejects.toBe(error);
});

test('a training of which an earlier attempt has finished a part waits for memory', async () => {
  const context = contextOf();
  const error = new CapacityError('DEVICE_OUT_OF_MEMORY', details);
  const begun = unlessOutOfMemory(
    'folds',
    () => Promise.reject(error),
    context,
    async () => 1,
  );
  await expect(begun).rejects.toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY', retryable: true });
  expect(await unlessOutOfMemory('folds', async () => 'trained', context)).toBe('trained');
});

test.each([
  new CapacityError('MEMORY_TOO_SMALL', details),
  new CapacityError('DEVICE_OUT_OF_MEMORY', details),
  new Error('OOM when allocating tensor'),
])('a training that fails with "$message" is left out by all attempts', async (error) => {
  const context = contextOf();
  expect(await unlessOutOfMemory('tail', () => Promise.reject(error), context)).toBeUndefined();
  expect(await unlessOutOfMemory('tail', () => expect.unreachable('there is no memory'), context)).toBeUndefined();
});
