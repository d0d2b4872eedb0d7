import { expect, test } from 'vitest';
import { CALL_SECONDS, isAtWork } from '../../../../lib/store/parts/part-calls.ts';
import { partKeys } from '../../../../lib/store/parts/part-keys.ts';
import { hasTimeForAnother } from '../../../../lib/store/parts/part-time.ts';
import { runCall } from '../../../../lib/store/parts/run-call.ts';
import { testWorld } from '../../../support/world.ts';

const keys = partKeys('imports/up-1/');

/** Calls of one part that may fail twice. */
function partOf() {
  const world = testWorld();
  const delays: number[] = [];
  const resend = async (seconds: number) => void delays.push(seconds);
  const call = <Outcome extends { readonly hasFailed: boolean }>(work: (before: number) => Promise<Outcome>) =>
    runCall(keys, 3, { mostFailures: 2, resend, work }, world);
  return { world, delays, call };
}

test('a call returns its outcome, the failures so far, and learns the seconds of the calls before it', async () => {
  const { world, call } = partOf();
  const fail = async () => {
    await world.clock.advance(5);
    return { hasFailed: true, why: 'no memory' };
  };
  expect(await call(fail)).toEqual({ state: 'ended', outcome: { hasFailed: true, why: 'no memory' }, failures: 1 });
  const before: number[] = [];
  const work = async (seconds: number) => {
    before.push(seconds);
    return { hasFailed: false };
  };
  expect(await call(work)).toMatchObject({ state: 'ended', failures: 1 });
  expect(before).toEqual([5]);
  expect(await isAtWork(keys, 3, world.store, world.clock)).toBe(false);
});

test('while a call is at work, another one sends its message again for when the time of the first is over', async () => {
  const { call, delays } = partOf();
  const outer = await call(async () => {
    const inner = await call(() => expect.fail('two calls of a part at once'));
    return { hasFailed: false, inner };
  });
  expect(outer).toMatchObject({ state: 'ended', outcome: { inner: { state: 'resent' } } });
  expect(delays).toEqual([CALL_SECONDS + 30]);
});

test('a part whose calls died too often does not begin again', async () => {
  const { world, call, delays } = partOf();
  for (let time = 0; time < 2; time++) {
    await expect(call(() => Promise.reject(new Error('out of memory')))).rejects.toThrow('out of memory');
    await world.clock.advance(CALL_SECONDS + 31);
  }
  expect(await call(() => expect.fail('a third call'))).toEqual({ state: 'exhausted' });
  expect(delays).toEqual([]);
});

test.each([
  { left: 180, last: 0, has: true },
  { left: 20, last: 0, has: false },
  { left: 50.1, last: 20, has: true },
  { left: 50, last: 20, has: false },
])('with $left s left after a step of $last s, there is time for another: $has', ({ left, last, has }) => {
  expect(hasTimeForAnother(left, last)).toBe(has);
});
