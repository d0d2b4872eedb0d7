import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from '../../../lib/images/map-in-order.ts';

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

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
