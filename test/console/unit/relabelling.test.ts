import { expect, it } from 'vitest';
import { openRelabelling } from '../../../console/relabelling.ts';

/** A server that keeps labels, and answers when it is told to. */
function opened() {
  const labels = new Map<string, readonly string[] | null>();
  const requests: number[] = [];
  let held: Promise<void> | undefined;
  let broken = false;
  const relabelling = openRelabelling(
    async (given) => {
      requests.push(given.length);
      await held;
      if (broken) throw new Error('gone');
      for (const { image, labels: own } of given) labels.set(image, own);
    },
    () => {},
  );
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  return { relabelling, labels, requests, hold, break: (isBroken: boolean) => (broken = isBroken) };
}

const change = (image: string, before: string | null, after: string | null) => {
  const listOf = (label: string | null) => (label === null ? null : [label]);
  return { image, before: listOf(before), after: listOf(after) };
};

it('sends changes at once, and those made meanwhile together after them', async () => {
  const { relabelling, labels, requests, hold } = opened();
  const release = hold();
  relabelling.change([change('a', null, 'x')]);
  relabelling.change([change('b', null, 'x')]);
  relabelling.change([change('a', 'x', 'y'), change('c', null, 'y')]);
  expect(relabelling.isSending).toBe(true);
  release();
  await expect.poll(() => relabelling.isSending).toBe(false);
  expect(requests).toEqual([1, 3]);
  expect([...labels]).toEqual([
    ['a', ['y']],
    ['b', ['x']],
    ['c', ['y']],
  ]);
});

it('takes changes back together, also while they are sent', async () => {
  const { relabelling, labels, hold } = opened();
  const release = hold();
  relabelling.change([change('a', 'x', 'y'), change('b', null, 'y')]);
  expect(relabelling.undo()).toHaveLength(2);
  release();
  await expect.poll(() => relabelling.isSending).toBe(false);
  expect([...labels]).toEqual([
    ['a', ['x']],
    ['b', null],
  ]);
  expect(relabelling.canUndo).toBe(false);
  expect(relabelling.undo()).toEqual([]);
});

it('keeps what could not be sent, and sends it with the next change', async () => {
  const { relabelling, labels, break: breakServer } = opened();
  breakServer(true);
  relabelling.change([change('a', null, 'x')]);
  await expect.poll(() => relabelling.failure).toBeInstanceOf(Error);
  breakServer(false);
  relabelling.change([change('b', null, 'x')]);
  await expect.poll(() => labels.size).toBe(2);
  expect(relabelling.failure).toBeUndefined();
});
