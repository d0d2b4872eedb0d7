import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { beginCall } from '../../../../lib/store/parts/part-calls.ts';
import { beginChains, completePart, findNextParts } from '../../../../lib/store/parts/part-chains.ts';
import { partKeys } from '../../../../lib/store/parts/part-keys.ts';
import { testWorld } from '../../../support/world.ts';

const keys = partKeys('imports/up-1/');
const never = new AbortController().signal;

test.each([
  { parts: 7, functions: 3 },
  { parts: 5, functions: 1 },
  { parts: 2, functions: 3 },
])('of $parts parts, all are sent once, $functions at once at most, and the last one completes all', async (plan) => {
  const { store } = testWorld();
  const waiting: number[] = [];
  const send = async (part: number) => void waiting.push(part);
  await beginChains(keys, plan, send, store, never);
  const complete: number[] = [];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    expect(waiting.length).toBeLessThan(plan.functions);
    complete.push(part);
    expect(await completePart(keys, part, plan, send, store)).toBe(complete.length === plan.parts);
  }
  expect(complete.toSorted((a, b) => a - b)).toEqual(Array.from({ length: plan.parts }, (_, part) => part));
});

test('a part that has begun is not sent again', async () => {
  const { store, clock } = testWorld();
  const plan = { parts: 7, functions: 3 };
  const sent: number[] = [];
  const send = async (part: number) => void sent.push(part);
  for (const begun of [1, 3]) await beginCall(keys, begun, store, clock);
  await beginChains(keys, plan, send, store, never);
  expect(sent.splice(0).toSorted()).toEqual([0, 2]);
  await completePart(keys, 0, plan, send, store);
  expect(sent, 'part 3 has begun').toEqual([]);
  for (let time = 0; time < 2; time++) await completePart(keys, 1, plan, send, store);
  expect(sent.splice(0), 'part 4 has not begun, whatever was sent').toEqual([4, 4]);
});

test('once the attempt is no longer wanted, no further chain begins', async () => {
  const { store } = testWorld();
  const replaced = new AbortController();
  const sent: number[] = [];
  const send = async (part: number) => {
    sent.push(part);
    replaced.abort(new Error('replaced'));
  };
  await expect(beginChains(keys, { parts: 40, functions: 40 }, send, store, replaced.signal)).rejects.toThrow('replaced');
  expect(sent.length, 'those that were in progress').toBeLessThanOrEqual(10);
});

/** A store in which parts were completed at these times, and the keys that it was asked for. */
function storeOf(completedAt: ReadonlyMap<number, Date>, rest: ObjectStore) {
  const objects = new Map([...completedAt].map(([part, modifiedAt]) => [keys.done(0, part), modifiedAt]));
  const asked: string[] = [];
  const store: ObjectStore = {
    ...rest,
    async head(key) {
      asked.push(key);
      const modifiedAt = objects.get(key);
      return modifiedAt && { key, size: 0, etag: 'empty', modifiedAt };
    },
  };
  return { store, asked };
}

test('the next part of a chain is the first one that is not complete, and waits since the one before it was completed', async () => {
  const { store: rest } = testWorld();
  const plans = fc.record({
    parts: fc.integer({ min: 1, max: 40 }),
    functions: fc.integer({ min: 1, max: 6 }),
    complete: fc.array(fc.nat({ max: 10 }), { minLength: 6, maxLength: 6 }),
  });
  const property = fc.asyncProperty(plans, async ({ complete, ...plan }) => {
    const completedAt = new Map<number, Date>();
    const expected: { readonly part: number; readonly since: Date | undefined }[] = [];
    for (let first = 0; first < Math.min(plan.functions, plan.parts); first++) {
      let part = first;
      for (let count = 0; count < (complete[first] ?? 0) && part < plan.parts; count++, part += plan.functions)
        completedAt.set(part, new Date(part));
      if (part < plan.parts) expected.push({ part, since: completedAt.get(part - plan.functions) });
    }
    expect(await findNextParts(keys, plan, storeOf(completedAt, rest).store)).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 50, seed: Number(process.env.GRAFT_SEED ?? 1) });
});

test('nine requests find the next of 400 parts', async () => {
  const complete = Array.from({ length: 300 }, (_, part) => [part, new Date(part)] as const);
  const { store, asked } = storeOf(new Map(complete), testWorld().store);
  expect(await findNextParts(keys, { parts: 400, functions: 1 }, store)).toEqual([{ part: 300, since: new Date(299) }]);
  expect(asked.length).toBeLessThanOrEqual(9);
});
