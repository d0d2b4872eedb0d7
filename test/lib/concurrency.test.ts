import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forEachConcurrently, mapInOrder } from '../../lib/concurrency.ts';

describe('mapInOrder', () => {
  it('keeps the order whatever finishes first, and never has more under way than allowed', async () => {
    const scheduled = fc.tuple(fc.scheduler(), fc.array(fc.integer(), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }));
    await fc.assert(
      fc.asyncProperty(scheduled, async ([scheduler, items, concurrency]) => {
        let underWay = 0;
        let most = 0;
        const doubled = collect(
          mapInOrder(items, concurrency, async (item) => {
            most = Math.max(most, ++underWay);
            await scheduler.schedule(Promise.resolve());
            underWay--;
            return item * 2;
          }),
        );
        expect(await scheduler.waitFor(doubled)).toEqual(items.map((item) => item * 2));
        expect(most).toBeLessThanOrEqual(concurrency);
      }),
      { numRuns: 100 },
    );
  });

  it('takes no further item while its results are not taken', async () => {
    let taken = 0;
    const numbers = function* () {
      for (;;) yield taken++;
    };
    const results = mapInOrder(numbers(), 3, async (item) => item);
    await results.next();
    expect(taken).toBe(3);
    await results.next();
    expect(taken).toBe(4);
    await results.return();
  });

  it('fails with the first failure in order, after all that had begun has ended', async () => {
    let ended = 0;
    const results = mapInOrder([1, 2, 3, 4, 5, 6], 3, async (item) => {
      await Promise.resolve();
      ended++;
      if (item >= 2) throw new Error(`item ${item}`);
      return item;
    });
    await expect(collect(results)).rejects.toThrow('item 2');
    expect(ended).toBe(4);
  });
});

describe('forEachConcurrently', () => {
  it('takes each item once, whatever finishes first, and never has more under way than allowed', async () => {
    const scheduled = fc.tuple(fc.scheduler(), fc.array(fc.integer(), { maxLength: 20 }), fc.integer({ min: 1, max: 5 }));
    await fc.assert(
      fc.asyncProperty(scheduled, async ([scheduler, items, concurrency]) => {
        let underWay = 0;
        let most = 0;
        const done: number[] = [];
        const all = forEachConcurrently(items, concurrency, async (item) => {
          most = Math.max(most, ++underWay);
          await scheduler.schedule(Promise.resolve());
          underWay--;
          done.push(item);
        });
        await scheduler.waitFor(all);
        const byValue = (one: number, other: number) => one - other;
        expect(done.sort(byValue)).toEqual(items.toSorted(byValue));
        expect(most).toBe(Math.min(concurrency, items.length));
      }),
      { numRuns: 100 },
    );
  });

  it('fails with the first failure in time, begins nothing after it, and waits for what has begun', async () => {
    const begun: number[] = [];
    const slow = Promise.withResolvers<void>();
    let isOver = false;
    const all = forEachConcurrently([1, 2, 3, 4, 5, 6], 3, async (item) => {
      begun.push(item);
      if (item < 3) await slow.promise;
      if (item !== 2) throw new Error(`item ${item}`);
    }).finally(() => {
      isOver = true;
    });
    all.catch(() => {});
    await new Promise(setImmediate);
    expect({ begun, isOver }).toEqual({ begun: [1, 2, 3], isOver: false });
    slow.resolve();
    await expect(all).rejects.toThrow('item 3');
    expect(begun).toEqual([1, 2, 3]);
  });

  it('fails if its items cannot be read', async () => {
    const items = function* () {
      yield 1;
      throw new Error('the list ends here');
    };
    await expect(forEachConcurrently(items(), 2, async () => {})).rejects.toThrow('the list ends here');
  });
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
