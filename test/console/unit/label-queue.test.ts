import { describe, expect, it } from 'vitest';
import { batchSize, openLabelQueue } from '../../../console/labelling/label-queue.ts';
import { labelServer } from '../../../console/labelling/label-server.ts';
import type { LabelServer } from '../../../console/labelling/send-labels.ts';
import { PageError } from '../../../console/page-error.ts';
import { text } from '../../../console/strings.ts';
import { createClient } from '../../../lib/client/client.ts';
import { CapacityError, ConflictError, ForbiddenError } from '../../../lib/errors.ts';
import { apiSystem, importTwo } from '../../support/api.ts';

/** A queue over ten images without a label, all of which are asked about. */
async function opened() {
  const { api, world } = apiSystem();
  await importTwo(world);
  const client = createClient(api);
  const before = await client.datasets.images('two', { limit: 20 });
  const paths = before.images.map(({ path }) => path);
  const { digest } = await client.datasets.setLabels('two', { labels: paths.map((image) => ({ image, labels: null })) });
  const { images } = await client.datasets.images('two', { limit: 20 });
  const direct = labelServer(client, 'two');
  let held: Promise<void> | undefined;
  let refusal: Error | undefined;
  const requests: number[] = [];
  const server: LabelServer = {
    ...direct,
    async setLabels(request) {
      requests.push(request.labels.length);
      await held;
      if (refusal !== undefined) throw refusal;
      return direct.setLabels(request);
    },
  };
  let sent = 0;
  const counts: number[] = [];
  const onChange = () => void counts.push(queue.labelled);
  const onSent = () => {
    sent++;
    onChange();
  };
  const queue = openLabelQueue(server, { onChange, onSent });
  queue.see({ digest, labelled: 0, next: images.map((image) => ({ ...image, reason: 'informative' as const })) });
  /** Holds requests until the returned function is called. */
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    return resolve;
  };
  /** Refuses requests. */
  const refuse = (error: Error | undefined) => {
    refusal = error;
  };
  const labels = async () => {
    const page = await client.datasets.images('two', { limit: 20 });
    return page.images.map((image) => image.labels.join());
  };
  return { client, queue, paths, hold, refuse, labels, requests, counts, sentTimes: () => sent };
}

const press = (queue: { label(label: string): void }, labels: string) => [...labels].map((label) => queue.label(label));

describe('the queue of labels', () => {
  it('labels one image for each key, however fast they follow, and sends five at once', async () => {
    const { queue, labels, requests, sentTimes } = await opened();
    press(queue, 'abcde');
    expect(await queue.flush()).toBe(true);
    expect((await labels()).slice(0, 6)).toEqual(['a', 'b', 'c', 'd', 'e', '']);
    expect(requests).toEqual([5]);
    expect([queue.pending, sentTimes()]).toEqual([0, 1]);
  });

  it('counts an image once from its label on, also until the suggestions count it', async () => {
    const { client, queue, counts } = await opened();
    const { digest } = await client.datasets.get('two');
    press(queue, 'abc');
    expect(await queue.flush()).toBe(true);
    expect([queue.pending, new Set(counts)]).toEqual([0, new Set([1, 2, 3])]);
    expect(counts).toEqual(counts.toSorted());
    queue.see({ digest, labelled: 0, next: [] });
    expect(queue.labelled, 'an answer that was on its way').toBe(3);
    queue.see({ digest: (await client.datasets.get('two')).digest, labelled: 3, next: [] });
    expect(queue.labelled).toBe(3);
    queue.undo();
    expect(await queue.flush()).toBe(true);
    expect([queue.labelled, new Set(counts)]).toEqual([2, new Set([1, 2, 3])]);
  });

  it('keeps asking about the image that is shown when the server would ask about another one', async () => {
    const { client, queue, paths } = await opened();
    const { images } = await client.datasets.images('two', { limit: 20 });
    const next = images.map((image) => ({ ...image, reason: 'informative' as const })).reverse();
    queue.see({ digest: 'later', labelled: 0, next });
    expect(queue.current?.path).toBe(paths[0]);
    expect(queue.current, 'with the links of the newer list').toBe(next[9]);
    queue.label('a');
    expect(queue.current?.path).toBe(paths[9]);
  });

  it('keeps labels that are given while others are sent', async () => {
    const { queue, labels, hold, paths } = await opened();
    const release = hold();
    press(queue, 'aaaaa');
    const accepted = queue.accept([{ image: paths[9]!, labels: ['z'], source: 'suggestion' }]);
    press(queue, 'bb');
    release();
    await accepted;
    expect(queue.pending).toBe(0);
    press(queue, 'c');
    expect(queue.pending).toBe(1);
    expect(await queue.flush()).toBe(true);
    expect(await labels()).toEqual(['a', 'a', 'a', 'a', 'a', 'b', 'b', 'c', '', 'z']);
  });

  it('shows an image whose label is taken back at once, and labels no other one until it has none', async () => {
    const { queue, labels, hold, paths } = await opened();
    const release = hold();
    press(queue, 'aaaaa');
    await Promise.resolve();
    queue.undo();
    expect([queue.current?.path, queue.isUndoing]).toEqual([paths[4], true]);
    press(queue, 'b');
    queue.skip();
    expect(queue.current?.path).toBe(paths[4]);
    release();
    expect(await queue.flush()).toBe(true);
    expect(queue.isUndoing).toBe(false);
    expect((await labels()).slice(0, 7)).toEqual(['a', 'a', 'a', 'a', '', '', '']);
    expect(queue.current?.path).toBe(paths[4]);
    press(queue, 'b');
    expect(await queue.flush()).toBe(true);
    expect((await labels()).slice(0, 7)).toEqual(['a', 'a', 'a', 'a', 'b', '', '']);
  });

  it('keeps the image that is shown when accepted suggestions are taken back', async () => {
    const { client, queue, labels, paths } = await opened();
    const { images } = await client.datasets.images('two', { limit: 20 });
    await queue.accept([{ image: paths[9]!, labels: ['z'], source: 'suggestion' }]);
    // The server would ask about another one; the page keeps that which is shown.
    const { digest } = await client.datasets.get('two');
    const next = images.map((image) => ({ ...image, reason: 'informative' as const })).reverse();
    queue.see({ digest, labelled: 1, next });
    expect(queue.current?.path).toBe(paths[0]);
    queue.undo();
    expect(queue.current?.path).toBe(paths[0]);
    expect(await queue.flush()).toBe(true);
    expect([queue.current?.path, (await labels())[9]]).toEqual([paths[0], '']);
  });

  it('undoes a label that is not sent at once, and shows its image again', async () => {
    const { queue, paths, requests } = await opened();
    press(queue, 'ab');
    queue.undo();
    expect([queue.pending, queue.current?.path, requests]).toEqual([1, paths[1], []]);
  });

  it('leaves out images that somebody else labelled, and undoes only own labels', async () => {
    const { client, queue, labels, paths } = await opened();
    press(queue, 'aa');
    await client.datasets.setLabels('two', { labels: [{ image: paths[0]!, labels: ['other'] }] });
    expect(await queue.flush()).toBe(true);
    expect((await labels()).slice(0, 3)).toEqual(['other', 'a', '']);
    expect(queue.failure).toEqual(new PageError(text.label.leftOut(1)));
    await client.datasets.setLabels('two', { labels: [{ image: paths[1]!, labels: ['better'] }] });
    queue.undo();
    queue.undo();
    expect(await queue.flush()).toBe(true);
    expect((await labels()).slice(0, 3)).toEqual(['other', 'better', '']);
  });

  it('counts labels as own whose request succeeded but whose answer was lost, and undoes them', async () => {
    const { api, world } = apiSystem();
    await importTwo(world);
    const client = createClient(api);
    const { images } = await client.datasets.images('two', { limit: 3 });
    const paths = images.map(({ path }) => path);
    const { digest } = await client.datasets.setLabels('two', { labels: paths.map((image) => ({ image, labels: null })) });
    const direct = labelServer(client, 'two');
    let isLost = true;
    const setLabels: LabelServer['setLabels'] = async (request) => {
      const answer = await direct.setLabels(request);
      if (isLost) throw new Error('lost');
      return answer;
    };
    const queue = openLabelQueue({ ...direct, setLabels }, { onChange: () => {}, onSent: () => {} });
    queue.see({ digest, labelled: 7, next: images.map((image) => ({ ...image, reason: 'informative' as const })) });
    press(queue, 'ab');
    expect(await queue.flush()).toBe(false);
    isLost = false;
    press(queue, 'c');
    expect(await queue.flush()).toBe(true);
    const labels = async () => (await client.datasets.images('two', { limit: 3 })).images.map((image) => image.labels.join());
    expect([queue.failure, queue.pending, await labels()]).toEqual([undefined, 0, ['a', 'b', 'c']]);
    for (let undone = 0; undone < 2; undone++) {
      queue.undo();
      await queue.flush();
    }
    expect(await labels()).toEqual(['a', '', '']);
  });

  it('does not undo the label of another person who gave the same one first', async () => {
    const { client, queue, labels, paths } = await opened();
    press(queue, 'ab');
    await client.datasets.setLabels('two', { labels: [{ image: paths[0]!, labels: ['a'] }] });
    expect(await queue.flush()).toBe(true);
    expect(queue.failure).toEqual(new PageError(text.label.leftOut(1)));
    for (let undone = 0; undone < 2; undone++) {
      queue.undo();
      await queue.flush();
    }
    expect((await labels()).slice(0, 3)).toEqual(['a', '', '']);
    expect(queue.canUndo).toBe(false);
  });

  it('does not undo the same label of another person after a request that the server refused', async () => {
    const { client, queue, labels, paths, refuse } = await opened();
    press(queue, 'ab');
    refuse(new ForbiddenError('API_TOKEN_INVALID', {}));
    expect(await queue.flush()).toBe(false);
    refuse(undefined);
    await client.datasets.setLabels('two', { labels: [{ image: paths[0]!, labels: ['a'] }] });
    expect(await queue.flush()).toBe(true);
    for (let undone = 0; undone < 2; undone++) {
      queue.undo();
      await queue.flush();
    }
    expect((await labels()).slice(0, 3)).toEqual(['a', '', '']);
  });

  it('keeps labels whose request fails, and sends them with the next', async () => {
    const { api, world } = apiSystem();
    await importTwo(world);
    const direct = labelServer(createClient(api), 'two');
    let fails = true;
    const setLabels: LabelServer['setLabels'] = (request) =>
      fails ? Promise.reject(new Error('lost')) : direct.setLabels(request);
    const queue = openLabelQueue({ ...direct, setLabels }, { onChange: () => {}, onSent: () => {} });
    const { images } = await createClient(api).datasets.images('two', { limit: 2 });
    queue.see({
      digest: await direct.latest(),
      labelled: 0,
      next: images.map((image) => ({ ...image, reason: 'random' as const })),
    });
    press(queue, 'r');
    expect(await queue.flush()).toBe(false);
    expect([queue.pending, queue.failure]).toEqual([1, new Error('lost')]);
    fails = false;
    expect(await queue.flush()).toBe(true);
    expect([queue.pending, queue.failure]).toEqual([0, undefined]);
    expect(await direct.labelsOf([images[0]!.path])).toEqual(new Map([[images[0]!.path, ['r']]]));
  });

  it('drops a label that the server refuses, and sends the others with it', async () => {
    const refused = new ConflictError('LABELS_CHANGE_TASK', {});
    const stored: string[] = [];
    const server: LabelServer = {
      async setLabels({ labels }) {
        if (labels.some(({ labels: own }) => own?.[0] === 'x')) throw refused;
        stored.push(...labels.map(({ image }) => image));
        return { digest: '1' };
      },
      latest: async () => '1',
      labelsOf: async () => new Map(),
    };
    const queue = openLabelQueue(server, { onChange: () => {}, onSent: () => {} });
    const next = Array.from('abcdefgh', (path) => ({ path, labels: [], reason: 'random' as const, sha256: path }) as never);
    queue.see({ digest: '0', labelled: 0, next });
    press(queue, 'yyx');
    expect(await queue.flush()).toBe(true);
    expect([stored, queue.pending, queue.failure]).toEqual([['a', 'b'], 0, refused]);
    // Its image is asked about again; the next labels go on as ever.
    expect(queue.isLabelled('c')).toBe(false);
    press(queue, 'y');
    expect(await queue.flush()).toBe(true);
    expect([stored.length, queue.failure]).toEqual([3, undefined]);
  });

  it('sends full batches while another one is sent', async () => {
    const requests: number[] = [];
    const first = Promise.withResolvers<void>();
    const server: LabelServer = {
      async setLabels({ labels }) {
        requests.push(labels.length);
        await first.promise;
        return { digest: `${requests.length}` };
      },
      latest: async () => '0',
      labelsOf: async () => new Map(),
    };
    const queue = openLabelQueue(server, { onChange: () => {}, onSent: () => {} });
    const next = Array.from('abcdefghijkl', (path) => ({ path, labels: [], reason: 'random' as const, sha256: path }) as never);
    queue.see({ digest: '0', labelled: 0, next });
    press(queue, 'xxxxx');
    await expect.poll(() => requests).toEqual([5]);
    press(queue, 'xxx');
    first.resolve();
    await expect.poll(() => queue.isSending).toBe(false);
    expect([requests, queue.pending]).toEqual([[5], 3]);
    press(queue, 'xx');
    await expect.poll(() => [requests, queue.isSending]).toEqual([[5, 5], false]);
  });

  it('sends labels again later by itself if the server has too much to do', async () => {
    const { api, world } = apiSystem();
    await importTwo(world);
    const direct = labelServer(createClient(api), 'two');
    const busy = new CapacityError('ANSWER_TIMEOUT', { expected: 'a response' });
    const failures: Error[] = [busy, new Error('lost')];
    const setLabels: LabelServer['setLabels'] = async (request) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return direct.setLabels(request);
    };
    const planned: (() => void)[] = [];
    const handlers = { onChange: () => {}, onSent: () => {}, later: (act: () => void) => void planned.push(act) };
    const queue = openLabelQueue({ ...direct, setLabels }, handlers);
    const { images } = await createClient(api).datasets.images('two', { limit: 1 });
    queue.see({
      digest: await direct.latest(),
      labelled: 0,
      next: images.map((image) => ({ ...image, reason: 'random' as const })),
    });
    // The last image that was fetched: no other key sends it.
    press(queue, 'r');
    await expect.poll(() => planned.length).toBe(1);
    planned[0]?.();
    await expect.poll(() => queue.failure).toEqual(new Error('lost'));
    expect(planned).toHaveLength(1);
    expect(await queue.flush()).toBe(true);
    expect(queue.pending).toBe(0);
  });

  it('plans one retry, however many requests fail meanwhile', async () => {
    const busy = new CapacityError('TOO_MANY_REQUESTS', {});
    const requests: number[] = [];
    const server: LabelServer = {
      async setLabels({ labels }) {
        requests.push(labels.length);
        throw busy;
      },
      latest: async () => '0',
      labelsOf: async () => new Map(),
    };
    const planned: (() => void)[] = [];
    const queue = openLabelQueue(server, { onChange: () => {}, onSent: () => {}, later: (act) => void planned.push(act) });
    const next = Array.from('abcdefgh', (path) => ({ path, labels: [], reason: 'random' as const, sha256: path }) as never);
    queue.see({ digest: '0', labelled: 0, next });
    press(queue, 'xxxxxx');
    // The key that makes a batch, and each one after it, asks for a request; so does a timer of the page.
    expect(await Promise.all([queue.flush(), queue.flush()])).toEqual([false, false]);
    expect([requests, planned.length]).toEqual([[6], 1]);
    planned[0]?.();
    await expect.poll(() => [requests.length, queue.isSending, planned.length]).toEqual([2, false, 2]);
    expect(queue.pending).toBe(6);
  });

  it.each([
    [0, 5],
    [59, 5],
    [200, 20],
    [4_000, 50],
  ])('with %i labels sends %i at once', (labelled, expected) => expect(batchSize(labelled)).toBe(expected));

  it('shows the images that were skipped again after the last one', async () => {
    const { queue, paths } = await opened();
    for (let number = 0; number < 9; number++) queue.skip();
    expect(queue.current?.path).toBe(paths[9]);
    queue.skip();
    expect(queue.current?.path).toBe(paths[0]);
  });
});
