import { expect, it } from 'vitest';
import { addQueue, flushAll, hasUnsent, unsentElsewhere, updateUnsent } from '../../../console/unsent.ts';

function queue() {
  let flushes = 0;
  return {
    pending: 0,
    isSending: false,
    async flush() {
      flushes++;
      return true;
    },
    get flushes() {
      return flushes;
    },
  };
}

it('labels of a page that was left count until they are sent, also one that is being taken back', () => {
  const [shown, left] = [queue(), queue()];
  addQueue(shown);
  const leave = addQueue(left);
  expect(hasUnsent()).toBe(false);
  left.pending = 3;
  updateUnsent();
  expect([hasUnsent(), unsentElsewhere.value]).toEqual([true, 0]);
  leave();
  expect([hasUnsent(), unsentElsewhere.value]).toEqual([true, 3]);
  flushAll();
  expect([shown.flushes, left.flushes]).toEqual([0, 1]);
  Object.assign(left, { pending: 0, isSending: true });
  updateUnsent();
  expect([hasUnsent(), unsentElsewhere.value]).toEqual([true, 1]);
  left.isSending = false;
  updateUnsent();
  expect([hasUnsent(), unsentElsewhere.value]).toEqual([false, 0]);
  // Its queue is gone: what it holds now is nobody's.
  left.pending = 5;
  updateUnsent();
  expect(hasUnsent()).toBe(false);
});

it('a page that is left with nothing to send leaves nothing behind', () => {
  const leave = addQueue(queue());
  leave();
  expect(unsentElsewhere.value).toBe(0);
});
