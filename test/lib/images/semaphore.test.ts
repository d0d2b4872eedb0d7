import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSemaphore } from '../../../lib/images/semaphore.ts';

test('those at work never hold more tokens than there are, each gets his turn, and failures give theirs back', async () => {
  const works = fc.array(fc.record({ tokens: fc.integer({ min: 0, max: 6 }), fails: fc.boolean() }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(works, fc.scheduler(), async (given, scheduler) => {
      const turns = createSemaphore(4);
      let held = 0;
      const work = async ({ tokens: wanted, fails }: { tokens: number; fails: boolean }) => {
        // More than there are is all of them.
        const tokens = Math.min(wanted, 4);
        held += tokens;
        expect(held).toBeLessThanOrEqual(4);
        await scheduler.schedule(Promise.resolve());
        held -= tokens;
        if (fails) throw new Error('failed');
      };
      const ends = Promise.allSettled(given.map((each) => turns.run(each.tokens, () => work(each))));
      await scheduler.waitFor(ends);
      expect((await ends).map(({ status }) => status)).toEqual(given.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')));
      expect(held).toBe(0);
    }),
  );
});

test('a large share is not passed by small ones that come later', async () => {
  const turns = createSemaphore(2);
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const holding = turns.run(1, () => first.promise);
  const large = turns.run(2, async () => void order.push('large'));
  const small = turns.run(1, async () => void order.push('small'));
  first.resolve();
  await Promise.all([holding, large, small]);
  expect(order).toEqual(['large', 'small']);
});
