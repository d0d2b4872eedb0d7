import { expect, it } from 'vitest';
import {
  addQueue,
  dismissFailures,
  failuresElsewhere,
  flushAll,
  hasUnsent,
  unsentElsewhere,
  updateUnsent,
} from '../../../console/labelling/unsent.ts';
import { CapacityError, ForbiddenError, NotFoundError } from '../../../lib/errors.ts';

function queue() {
  let flushes = 0;
  return {
    pending: 0,
    isSending: false,
    failure: undefined as unknown,
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

it('labels that the server refuses after their page was left are not forgotten before a person has seen why', () => {
  const left = queue();
  const leave = addQueue(left);
  left.pending = 2;
  leave();
  const refused = new NotFoundError('DATASET_NOT_FOUND', {});
  Object.assign(left, { pending: 0, failure: refused });
  updateUnsent();
  expect([unsentElsewhere.value, failuresElsewhere.value, hasUnsent()]).toEqual([0, [refused], false]);
  dismissFailures();
  expect(failuresElsewhere.value).toEqual([]);
  // Its queue is gone.
  left.failure = new Error('later');
  updateUnsent();
  expect(failuresElsewhere.value).toEqual([]);
});

it('says why labels of a page that was left are not sent, again after each attempt', () => {
  const left = queue();
  const leave = addQueue(left);
  left.pending = 1;
  leave();
  for (const failure of [new ForbiddenError('FORBIDDEN', {}), new ForbiddenError('FORBIDDEN', {})]) {
    left.failure = failure;
    updateUnsent();
    expect(failuresElsewhere.value).toEqual([failure]);
    dismissFailures();
    expect([unsentElsewhere.value, failuresElsewhere.value]).toEqual([1, []]);
  }
  Object.assign(left, { pending: 0, failure: undefined });
  updateUnsent();
  expect(unsentElsewhere.value).toBe(0);
});

it('says nothing of failures that the page has shown, or after which the labels are sent again by themselves', () => {
  const [shown, busy] = [queue(), queue()];
  shown.failure = new NotFoundError('DATASET_NOT_FOUND', {});
  const leaves = [addQueue(shown), addQueue(busy)];
  expect(failuresElsewhere.value).toEqual([]);
  busy.pending = 1;
  for (const leave of leaves) leave();
  busy.failure = new CapacityError('TOO_MANY_REQUESTS', {});
  updateUnsent();
  expect([unsentElsewhere.value, failuresElsewhere.value]).toEqual([1, []]);
  // A label could not be taken back, which nothing tries again.
  busy.pending = 0;
  updateUnsent();
  expect(failuresElsewhere.value).toEqual([busy.failure]);
  dismissFailures();
});
