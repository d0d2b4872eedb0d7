import { expect, it } from 'vitest';
import { openRelabelling } from '../../../console/labelling/relabelling.ts';
import type { LabelServer } from '../../../console/labelling/send-labels.ts';
import { CapacityError, ConflictError, NotFoundError } from '../../../lib/errors.ts';

const BUSY = new CapacityError('TOO_MANY_REQUESTS', {});

/** A server that keeps the labels of some images, and responds when it is told to. */
function opened(images: Readonly<Record<string, string | null>> = { a: 'x', b: 'x', c: null }) {
  const labels = new Map(Object.entries(images));
  const confirmed = new Set<string>();
  const requests: number[] = [];
  const planned: (() => void)[] = [];
  let version = 0;
  let held: Promise<void> | undefined;
  let failure: Error | undefined;
  const server: LabelServer = {
    async setLabels({ base = `${version}`, labels: given }) {
      requests.push(given.length);
      await held;
      if (failure !== undefined) throw failure;
      if (base !== `${version}`) throw new ConflictError('DATASET_VERSION_CHANGED', {});
      if (given.some(({ image }) => !labels.has(image))) throw new NotFoundError('LABEL_IMAGE_NOT_FOUND', {});
      if (given.some(({ labels: own }) => own?.[0] === 'refused')) throw new ConflictError('LABELS_CHANGE_TASK', {});
      for (const { image, labels: own, confirmed: isConfirmed } of given) {
        const isKept = isConfirmed ?? labels.get(image) === own?.[0];
        labels.set(image, own?.[0] ?? null);
        if (isConfirmed === true) confirmed.add(image);
        if (!isKept) confirmed.delete(image);
      }
      return { digest: `${++version}` };
    },
    latest: async () => `${version}`,
    labelsOf: async (paths) =>
      new Map(
        paths.flatMap((path) => {
          const label = labels.get(path);
          return label === undefined ? [] : [[path, label === null ? null : [label]]];
        }),
      ),
  };
  const relabelling = openRelabelling(server, { onChange: () => {}, onSent: () => {}, later: (act) => planned.push(act) });
  return {
    relabelling,
    requests,
    planned,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    fail(error: Error | undefined) {
      failure = error;
    },
    /** Labels an image from elsewhere, or removes it. */
    elsewhere(image: string, label?: string) {
      version++;
      if (label === undefined) labels.delete(image);
      else labels.set(image, label);
    },
    sent: () => expect.poll(() => relabelling.isSending).toBe(false),
    labels: () => Object.fromEntries(labels),
    confirmed: () => [...confirmed],
  };
}

const change = (image: string, before: string | null, after: string | null) => {
  const listOf = (label: string | null) => (label === null ? null : [label]);
  return { image, before: listOf(before), after: listOf(after) };
};

it('sends changes at once, and those made meanwhile together after them', async () => {
  const { relabelling, labels, requests, hold, sent } = opened({ a: null, b: null, c: null });
  const release = hold();
  relabelling.change([change('a', null, 'x')]);
  await expect.poll(() => requests).toEqual([1]);
  relabelling.change([change('b', null, 'x')]);
  relabelling.change([change('a', 'x', 'y'), change('c', null, 'y')]);
  expect(relabelling.isSending).toBe(true);
  release();
  await sent();
  expect(requests).toEqual([1, 3]);
  expect(labels()).toEqual({ a: 'y', b: 'x', c: 'y' });
});

it.each(['before they are sent', 'while they are sent', 'after they were sent'])(
  'takes changes back together %s',
  async (when) => {
    const { relabelling, labels, hold, requests, sent } = opened();
    const release = hold();
    if (when.startsWith('after')) release();
    relabelling.change([change('a', 'x', 'y'), change('c', null, 'y')]);
    if (when.startsWith('while')) await expect.poll(() => requests).toEqual([2]);
    if (when.startsWith('after')) await sent();
    relabelling.undo();
    expect(relabelling.canUndo).toBe(false);
    release();
    await sent();
    expect(labels()).toEqual({ a: 'x', b: 'x', c: null });
    expect([relabelling.pending, relabelling.failure]).toEqual([0, undefined]);
  },
);

it('decides by the labels that it gave, not by those that the page shows', async () => {
  const { relabelling, labels, sent } = opened({ a: 'x' });
  relabelling.change([change('a', 'x', 'y')]);
  await sent();
  // The page was not loaded again: it shows x.
  relabelling.change([change('a', 'x', 'z')]);
  await sent();
  relabelling.undo();
  await sent();
  expect(labels()).toEqual({ a: 'y' });
  relabelling.change([change('a', 'x', 'x')]);
  await sent();
  expect(labels()).toEqual({ a: 'x' });
  expect(relabelling.labelsOf('a')).toEqual(['x']);
});

it('confirms labels, and takes that back unless they were confirmed before', async () => {
  const { relabelling, labels, confirmed, sent } = opened();
  relabelling.change([{ ...change('a', 'x', 'x'), isConfirmed: true }]);
  await sent();
  relabelling.change([{ ...change('b', 'x', 'y'), wasConfirmed: true }]);
  await sent();
  expect([labels(), confirmed()]).toEqual([{ a: 'x', b: 'y', c: null }, ['a']]);
  relabelling.undo();
  await sent();
  expect([labels(), confirmed()]).toEqual([{ a: 'x', b: 'x', c: null }, ['a', 'b']]);
  relabelling.undo();
  await sent();
  expect(confirmed()).toEqual(['b']);
  expect(relabelling.canUndo).toBe(false);
});

it('gives back a confirmation that it sent, and none that a label ended, whatever the page shows', async () => {
  const { relabelling, labels, confirmed, sent } = opened({ a: 'x' });
  relabelling.change([{ ...change('a', 'x', 'x'), isConfirmed: true }]);
  await sent();
  // The page was not loaded again: it shows no confirmation.
  relabelling.change([change('a', 'x', 'y')]);
  await sent();
  relabelling.undo();
  await sent();
  expect([labels(), confirmed()]).toEqual([{ a: 'x' }, ['a']]);
  relabelling.change([change('a', 'x', 'y')]);
  await sent();
  relabelling.change([{ ...change('a', 'x', 'z'), wasConfirmed: true }]);
  await sent();
  relabelling.undo();
  await sent();
  expect([labels(), confirmed()]).toEqual([{ a: 'y' }, []]);
});

it('takes no label back that others set meanwhile', async () => {
  const { relabelling, labels, elsewhere, sent } = opened();
  relabelling.change([change('a', 'x', 'y'), change('b', 'x', 'y')]);
  await sent();
  elsewhere('a', 'theirs');
  relabelling.undo();
  await sent();
  expect(labels()).toEqual({ a: 'theirs', b: 'x', c: null });
});

it('sends changes again by itself while the server has too much to do, with one timer', async () => {
  const { relabelling, labels, planned, fail, sent } = opened();
  fail(BUSY);
  relabelling.change([change('a', 'x', 'y')]);
  await sent();
  relabelling.change([change('b', 'x', 'y')]);
  await sent();
  expect([relabelling.failure, relabelling.pending, planned.length]).toEqual([BUSY, 2, 1]);
  fail(undefined);
  planned[0]?.();
  await sent();
  expect(labels()).toEqual({ a: 'y', b: 'y', c: null });
  expect([relabelling.failure, relabelling.pending, planned.length]).toEqual([undefined, 0, 1]);
});

it('keeps what failed for another reason, and sends it with the next change', async () => {
  const { relabelling, labels, planned, fail, sent } = opened();
  fail(new Error('gone'));
  relabelling.change([change('a', 'x', 'y')]);
  await sent();
  expect([relabelling.failure, planned.length]).toEqual([new Error('gone'), 0]);
  fail(undefined);
  relabelling.change([change('b', 'x', 'y')]);
  await sent();
  expect(labels()).toEqual({ a: 'y', b: 'y', c: null });
  expect(relabelling.failure).toBeUndefined();
});

it('takes a change back whose request failed, if the server has it', async () => {
  const { relabelling, labels, fail, elsewhere, sent } = opened();
  fail(new Error('the response was lost'));
  relabelling.change([change('a', 'x', 'y'), change('b', 'x', 'y')]);
  await sent();
  elsewhere('a', 'y');
  fail(undefined);
  relabelling.undo();
  await sent();
  expect(labels()).toEqual({ a: 'x', b: 'x', c: null });
});

it('leaves removed images out, says so, and labels the others', async () => {
  const { relabelling, labels, elsewhere, sent } = opened();
  elsewhere('a');
  relabelling.change([change('a', 'x', 'y'), change('b', 'x', 'y')]);
  await sent();
  expect(labels()).toEqual({ b: 'y', c: null });
  expect(relabelling.failure).toMatchObject({ code: 'LABEL_IMAGE_NOT_FOUND' });
  expect(relabelling.pending).toBe(0);
});

it('drops changes that the server refuses, and none that were sent with them', async () => {
  const { relabelling, labels, hold, requests, sent } = opened();
  const release = hold();
  relabelling.change([change('c', null, 'x')]);
  await expect.poll(() => requests).toEqual([1]);
  relabelling.change([change('a', 'x', 'refused')]);
  relabelling.change([change('b', 'x', 'y')]);
  release();
  await sent();
  expect(labels()).toEqual({ a: 'x', b: 'y', c: 'x' });
  expect(relabelling.failure).toMatchObject({ code: 'LABELS_CHANGE_TASK' });
  expect([relabelling.pending, relabelling.labelsOf('a')]).toEqual([0, undefined]);
});
