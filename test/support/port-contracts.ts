/**
 * What every adapter of a port must do, embedded or in AWS. An adapter's test file calls a contract with a way to make an
 * empty store or queue; the expectations are S3's and SQS's own, so nothing here may know how an adapter works.
 */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueMessage } from '../../lib/contracts/queue-message.ts';
import type { Delivery, JobQueue, ObjectStore, SignedRequest } from '../../lib/ports.ts';

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Sends a signed request with this body. @returns whether it was accepted */
  upload(request: SignedRequest, body: Uint8Array): Promise<boolean>;
  dispose(): Promise<void>;
}

export interface QueueUnderTest {
  /** Delivers a message three times before it is a dead letter. */
  readonly queue: JobQueue;
  dispose(): Promise<void>;
}

/** @param makeStore an empty store for each test */
export function objectStoreContract(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the promises of ObjectStore`, () => {
    let under: StoreUnderTest;
    let store: ObjectStore;
    beforeEach(async () => {
      under = await makeStore();
      store = under.store;
    });
    afterEach(() => under.dispose());

    describe('objects', () => {
      it('has nothing under a key that was never written', async () => {
        expect(await store.get('jobs/1.json')).toBeUndefined();
        expect(await store.head('jobs/1.json')).toBeUndefined();
        expect(await store.list('')).toEqual({ objects: [], more: false });
      });

      it.each([
        ['nothing at all', new Uint8Array()],
        ['text', bytesOf('{"state":"SUBMITTED"}')],
        ['every byte', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
        ['a megabyte', Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) >> 3)],
      ])('gives back %s as it was put, with one ETag everywhere', async (_, body) => {
        const head = await store.put('a/b', body);
        expect(head).toEqual({ key: 'a/b', size: body.length, etag: expect.any(String) });
        expect(same((await store.get('a/b'))?.body, body)).toBe(true);
        expect((await store.get('a/b'))?.etag).toBe(head.etag);
        expect(await store.head('a/b')).toMatchObject(head);
        expect(await store.list('')).toMatchObject({ objects: [head], more: false });
      });

      it('tells when a version was written, in a list as of one object, and never earlier than the version before', async () => {
        await store.put('a', bytesOf('first'));
        const first = await store.head('a');
        expect(first?.modifiedAt).toBeInstanceOf(Date);
        await store.put('a', bytesOf('second'));
        const second = (await store.head('a')) ?? expect.fail('an object was expected');
        expect(second.modifiedAt.getTime()).toBeGreaterThanOrEqual(first?.modifiedAt.getTime() ?? Number.POSITIVE_INFINITY);
        // S3 tells milliseconds in a list, and whole seconds of one object.
        const [listed] = (await store.list('a')).objects;
        expect(Math.abs((listed?.modifiedAt.getTime() ?? 0) - second.modifiedAt.getTime())).toBeLessThan(1000);
      });

      it('replaces the whole object, and its ETag', async () => {
        const before = await store.put('a', bytesOf('a long first version'));
        const after = await store.put('a', bytesOf('short'));
        expect(after.etag).not.toBe(before.etag);
        expect(await readText(store, 'a')).toBe('short');
      });

      it('deletes an object and no other, and does not mind when there is none', async () => {
        for (const key of ['a', 'a/b', 'a/b/c', 'ab']) await store.put(key, bytesOf(key));
        await store.delete('a/b');
        await store.delete('a/b');
        await store.delete('never/was');
        expect(await store.get('a/b')).toBeUndefined();
        expect(await keysOf(store)).toEqual(['a', 'a/b/c', 'ab']);
      });

      it('deletes before a time, or not at all', async () => {
        await store.put('a', bytesOf('a'));
        const late = { name: 'CapacityError', code: 'DELETE_TOO_LATE', retryable: true };
        await expect(store.delete('a', { before: new Date(0) })).rejects.toMatchObject(late);
        expect(await readText(store, 'a')).toBe('a');
        await store.delete('a', { before: new Date('2100-01-01T00:00:00Z') });
        expect(await store.head('a')).toBeUndefined();
      });
    });

    describe('conditions', () => {
      it('creates only what is not there, again after a delete', async () => {
        await store.put('a', bytesOf('first'), { ifAbsent: true });
        await expect(store.put('a', bytesOf('second'), { ifAbsent: true })).rejects.toMatchObject(preconditionFailed);
        expect(await readText(store, 'a')).toBe('first');
        await store.delete('a');
        await store.put('a', bytesOf('third'), { ifAbsent: true });
        expect(await readText(store, 'a')).toBe('third');
      });

      it('replaces only the version that was seen', async () => {
        const first = await store.put('a', bytesOf('first'));
        const second = await store.put('a', bytesOf('second'), { ifMatch: first.etag });
        await expect(store.put('a', bytesOf('third'), { ifMatch: first.etag })).rejects.toMatchObject(preconditionFailed);
        expect(await store.get('a')).toMatchObject({ etag: second.etag });
        expect(await readText(store, 'a')).toBe('second');
      });

      it('does not replace what is gone', async () => {
        const { etag } = await store.put('a', bytesOf('first'));
        await store.delete('a');
        await expect(store.put('a', bytesOf('second'), { ifMatch: etag })).rejects.toMatchObject(preconditionFailed);
        expect(await store.head('a')).toBeUndefined();
      });

      it('lets exactly one of ten creators win', async () => {
        const writes = await Promise.allSettled(
          together(10, (writer) => store.put('a', bytesOf(`writer ${writer}`), { ifAbsent: true })),
        );
        await expectOneWinner(writes);
      });

      it('lets exactly one of ten replacers win', async () => {
        const { etag } = await store.put('a', bytesOf('before'));
        const writes = await Promise.allSettled(
          together(10, (writer) => store.put('a', bytesOf(`writer ${writer}`), { ifMatch: etag })),
        );
        await expectOneWinner(writes);
      });

      it('loses no update of writers who retry', async () => {
        await store.put('counter', bytesOf('0'));
        const writers = together(4, async () => {
          for (let done = 0; done < 5; done++) await increment(store, 'counter');
        });
        await Promise.all(writers);
        expect(await readText(store, 'counter')).toBe('20');
      });

      async function expectOneWinner(writes: readonly PromiseSettledResult<unknown>[]): Promise<void> {
        const winners = writes.flatMap(({ status }, writer) => (status === 'fulfilled' ? writer : []));
        const losses = writes.flatMap((write) => (write.status === 'rejected' ? [write.reason] : []));
        expect(winners).toHaveLength(1);
        expect(losses).toEqual(Array(9).fill(expect.objectContaining(preconditionFailed)));
        expect(await readText(store, 'a')).toBe(`writer ${winners[0]}`);
      }
    });

    describe('copies', () => {
      it('copies over whatever is there, and each goes its own way afterwards', async () => {
        await store.put('from', bytesOf('original'));
        await store.put('to', bytesOf('in the way'));
        await store.copy('from', 'to');
        await store.put('from', bytesOf('changed'));
        expect(await readText(store, 'to')).toBe('original');
        await store.delete('from');
        expect(await readText(store, 'to')).toBe('original');
      });

      it('gives the copy an ETag that a condition takes', async () => {
        await store.put('from', bytesOf('original'));
        await store.copy('from', 'to');
        const etag = (await store.head('to'))?.etag ?? 'none';
        await store.put('to', bytesOf('next'), { ifMatch: etag });
        expect(await readText(store, 'to')).toBe('next');
        expect(await readText(store, 'from')).toBe('original');
      });

      it('says that there is nothing to copy', async () => {
        await expect(store.copy('from', 'to')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
        expect(await store.head('to')).toBeUndefined();
      });
    });

    describe('ranges', () => {
      it.each([
        [0, 1, '0'],
        [3, 7, '3456'],
        [9, 10, '9'],
        [0, 10, '0123456789'],
        [8, 1000, '89'],
      ])('reads bytes [%i, %i)', async (start, end, expected) => {
        await store.put('digits', bytesOf('0123456789'));
        expect(textOf(await store.getRange('digits', start, end))).toBe(expected);
      });

      it.each([
        [10, 11],
        [5, 5],
        [6, 5],
        [-1, 2],
      ])('refuses [%i, %i), which holds no byte', async (start, end) => {
        await store.put('digits', bytesOf('0123456789'));
        await expect(store.getRange('digits', start, end)).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
      });

      it('says that there is no object', async () => {
        await expect(store.getRange('digits', 0, 1)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
      });
    });

    describe('keys and pages', () => {
      it('takes any key that S3 takes, and lists in the order of UTF-8 bytes', async () => {
        const keys = [
          ...['a', 'a/b', 'a/b/c', 'a!', 'a!/b', 'a-b', 'A', 'A/b', 'ab', 'a b/c d', 'a+b', 'a%2Fb', 'a:b', 'a~', 'a.', 'a./b.'],
          ...[
            '.hidden',
            'con',
            'ä/ö',
            'a\u0308',
            '日本語',
            '🐜/🐝',
            '\uffee',
            `long/${'x'.repeat(1000)}`,
            `${'é'.repeat(200)}/end`,
          ],
        ];
        await Promise.all(keys.map((key) => store.put(key, bytesOf(`body of ${key}`))));
        expect(await keysOf(store)).toEqual(keys.toSorted(byUtf8));
        for (const key of keys) expect(await readText(store, key)).toBe(`body of ${key}`);
      });

      it.each([
        { prefix: '', expected: ['jobs/1', 'jobs/2', 'jobs/20/log', 'jobs/3', 'jobsite', 'models/a'] },
        { prefix: 'jobs/', expected: ['jobs/1', 'jobs/2', 'jobs/20/log', 'jobs/3'] },
        { prefix: 'jobs/2', expected: ['jobs/2', 'jobs/20/log'] },
        { prefix: 'jobs', expected: ['jobs/1', 'jobs/2', 'jobs/20/log', 'jobs/3', 'jobsite'] },
        { prefix: 'jobs/1', expected: ['jobs/1'] },
        { prefix: 'nothing/', expected: [] },
        { prefix: 'jobs/', after: 'jobs/2', expected: ['jobs/20/log', 'jobs/3'] },
        { prefix: 'jobs/', after: 'jobs/20', expected: ['jobs/20/log', 'jobs/3'] },
        { prefix: 'jobs/', after: 'jobs/25', expected: ['jobs/3'] },
        { prefix: 'jobs/', after: 'jobs/3', expected: [] },
        { prefix: 'jobs/', after: 'a', expected: ['jobs/1', 'jobs/2', 'jobs/20/log', 'jobs/3'] },
      ])('lists what begins with "$prefix" after "$after"', async ({ prefix, after, expected }) => {
        const keys = ['jobs/3', 'jobs/1', 'jobs/2', 'jobs/20/log', 'jobsite', 'models/a'];
        await Promise.all(keys.map((key) => store.put(key, bytesOf(key))));
        const page = await store.list(prefix, after === undefined ? {} : { after });
        expect(page).toMatchObject({ objects: expected.map((key) => ({ key, size: key.length })), more: false });
      });

      it('gives every key once, page by page, and says when there are no more', async () => {
        const keys = Array.from({ length: 210 }, (_, index) => `pages/${index % 7}/${index}`);
        await Promise.all(keys.map((key) => store.put(key, bytesOf(key))));
        const pages = await pagesOf(store, 'pages/', 70);
        expect(pages.map(({ length }) => length)).toEqual([70, 70, 70]);
        expect(pages.flat()).toEqual(keys.toSorted(byUtf8));
      });
    });

    describe('signed uploads', () => {
      const body = bytesOf('the image');
      const terms = { size: body.length, sha256: createHash('sha256').update(body).digest('hex'), expiresInSeconds: 600 };

      it('takes the bytes that were signed for', async () => {
        const request = await store.signUpload('uploads/1', terms);
        expect(request.method).toBe('PUT');
        expect(await under.upload(request, body)).toBe(true);
        expect(await readText(store, 'uploads/1')).toBe('the image');
      });

      it.each([
        ['other bytes', bytesOf('the_image')],
        ['fewer bytes', bytesOf('the')],
        ['more bytes', bytesOf('the image and more')],
      ])('refuses %s', async (_, other) => {
        expect(await under.upload(await store.signUpload('uploads/1', terms), other)).toBe(false);
        expect(await store.head('uploads/1')).toBeUndefined();
      });

      it('refuses a request that was changed', async () => {
        const request = await store.signUpload('uploads/1', terms);
        expect(await under.upload({ ...request, url: changeLastCharacter(request.url) }, body)).toBe(false);
        expect(await store.head('uploads/1')).toBeUndefined();
      });
    });
  });
}

/**
 * @param makeQueue an empty queue for each test
 * @param advance lets that much of the queue's time pass; where time is real it waits
 */
export function jobQueueContract(
  name: string,
  makeQueue: () => Promise<QueueUnderTest>,
  { advance }: { readonly advance: (seconds: number) => Promise<void> },
): void {
  describe(`${name} keeps the promises of JobQueue`, () => {
    let under: QueueUnderTest;
    let queue: JobQueue;
    beforeEach(async () => {
      under = await makeQueue();
      queue = under.queue;
    });
    afterEach(() => under.dispose());

    const train = (job: string): QueueMessage => ({ type: 'train', job });
    const one = { max: 1, visibilitySeconds: 2 };

    /** The next message, which must come soon: a queue over a network may need a moment. */
    async function next(visibilitySeconds = 2): Promise<Delivery> {
      const [delivery] = await queue.receive({ max: 1, visibilitySeconds, waitSeconds: 2 });
      return delivery ?? expect.fail('a message was expected');
    }

    it('has nothing to give at first', async () => {
      expect(await queue.receive(one)).toEqual([]);
      expect(await queue.deadLetters()).toEqual([]);
      expect(await queue.redrive()).toBe(0);
      expect(await queue.size()).toBe(0);
    });

    it('delivers a message as it was sent, and hides it', async () => {
      const message: QueueMessage = { type: 'import', upload: 'ein/Ordner "ä"\n🐜' };
      await queue.send(message);
      expect(await next()).toEqual({ message, receipt: expect.any(String), receiveCount: 1 });
      expect(await queue.receive(one)).toEqual([]);
      await expect.poll(() => queue.size()).toBe(1);
    });

    it('refuses what is no message', async () => {
      const notes = [{ type: 'dance' }, { type: 'train' }, { type: 'train', job: 'j1', image: 'bytes' }];
      for (const note of notes) await expect(queue.send(note as unknown as QueueMessage)).rejects.toThrow();
      expect(await queue.size()).toBe(0);
    });

    it('gives no more at a time than were asked for', async () => {
      for (const job of ['1', '2', '3']) await queue.send(train(job));
      const first = await queue.receive({ max: 2, visibilitySeconds: 60, waitSeconds: 2 });
      expect(first.length).toBeLessThanOrEqual(2);
      const all = [...first];
      while (all.length < 3) all.push(await next(60));
      expect(all.map(({ message }) => message)).toEqual(expect.arrayContaining([train('1'), train('2'), train('3')]));
    });

    it('delivers again, under another receipt, what was not acknowledged in time', async () => {
      await queue.send(train('1'));
      const first = await next();
      await advance(3);
      const second = await next();
      expect(second).toMatchObject({ message: train('1'), receiveCount: 2 });
      expect(second.receipt).not.toBe(first.receipt);
    });

    it('forgets what was acknowledged, once and for all', async () => {
      await queue.send(train('1'));
      const { receipt } = await next();
      await queue.acknowledge(receipt);
      await queue.acknowledge(receipt);
      await queue.extend(receipt, 0);
      await advance(3);
      expect(await queue.receive(one)).toEqual([]);
      await expect.poll(() => queue.size()).toBe(0);
    });

    it('hides a message for longer when asked', async () => {
      await queue.send(train('1'));
      const { receipt } = await next();
      await queue.extend(receipt, 6);
      await advance(3);
      expect(await queue.receive(one)).toEqual([]);
      await advance(4);
      expect(await next()).toMatchObject({ message: train('1'), receiveCount: 2 });
    });

    it('gives a message up at once when it is extended by nothing', async () => {
      await queue.send(train('1'));
      await queue.extend((await next(60)).receipt, 0);
      expect(await next()).toMatchObject({ message: train('1'), receiveCount: 2 });
    });

    it('keeps a delayed message back', async () => {
      await queue.send(train('later'), { delaySeconds: 2 });
      await queue.send(train('now'));
      expect(await next(60)).toMatchObject({ message: train('now') });
      expect(await queue.receive(one)).toEqual([]);
      await advance(3);
      expect(await next()).toMatchObject({ message: train('later'), receiveCount: 1 });
    });

    it('gives each message to one of many receivers', async () => {
      const jobs = Array.from({ length: 20 }, (_, index) => train(String(index)));
      await Promise.all(jobs.map((job) => queue.send(job)));
      const received: QueueMessage[] = [];
      const receivers = together(4, async () => {
        while (received.length < jobs.length) {
          const deliveries = await queue.receive({ max: 3, visibilitySeconds: 60 });
          received.push(...deliveries.map(({ message }) => message));
        }
      });
      await Promise.all(receivers);
      expect(received).toHaveLength(jobs.length);
      expect(received).toEqual(expect.arrayContaining(jobs));
    });

    it('wakes a receiver that waits', async () => {
      const waiting = queue.receive({ max: 1, visibilitySeconds: 60, waitSeconds: 5 });
      await queue.send(train('1'));
      expect(await waiting).toMatchObject([{ message: train('1'), receiveCount: 1 }]);
    });

    it('lets a receiver wait no longer than it wants', async () => {
      const waiting = queue.receive({ max: 1, visibilitySeconds: 60, waitSeconds: 1 });
      await advance(2);
      expect(await waiting).toEqual([]);
    });

    describe('when a message was delivered three times in vain', () => {
      beforeEach(async () => {
        await queue.send(train('poison'));
        for (let delivery = 1; delivery <= 3; delivery++) {
          expect(await next()).toMatchObject({ message: train('poison'), receiveCount: delivery });
          await advance(3);
        }
        expect(await queue.receive(one)).toEqual([]);
        await expect.poll(() => queue.deadLetters()).toEqual([train('poison')]);
      });

      it('is a dead letter, and no longer in the queue', async () => {
        await expect.poll(() => queue.size()).toBe(0);
        await queue.send(train('healthy'));
        expect(await next(60)).toMatchObject({ message: train('healthy') });
      });

      it('starts afresh when it is redriven', async () => {
        expect(await queue.redrive()).toBe(1);
        expect(await next()).toMatchObject({ message: train('poison'), receiveCount: 1 });
        expect(await queue.deadLetters()).toEqual([]);
      });
    });
  });
}

const preconditionFailed = { name: 'ConflictError', code: 'PRECONDITION_FAILED' };

/** Adds one to the number in an object, and begins again when somebody else was faster. */
async function increment(store: ObjectStore, key: string): Promise<void> {
  for (;;) {
    const { body, etag } = (await store.get(key)) ?? expect.fail('a counter was expected');
    try {
      await store.put(key, bytesOf(String(Number(textOf(body)) + 1)), { ifMatch: etag });
      return;
    } catch (error) {
      expect(error).toMatchObject(preconditionFailed);
    }
  }
}

function together<T>(runners: number, run: (runner: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: runners }, (_, runner) => run(runner));
}

async function pagesOf(store: ObjectStore, prefix: string, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  for (let more = true, after = ''; more; after = pages.at(-1)?.at(-1) ?? expect.fail('an empty page was followed by another')) {
    const page = await store.list(prefix, { after, limit });
    pages.push(page.objects.map(({ key }) => key));
    more = page.more;
  }
  return pages;
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  return (await store.list('')).objects.map(({ key }) => key);
}

async function readText(store: ObjectStore, key: string): Promise<string | undefined> {
  const found = await store.get(key);
  return found && textOf(found.body);
}

/** Keys in the order in which S3 lists them, which is not that of JavaScript's strings. */
export function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** As `toEqual`, for bodies whose difference nobody wants printed. */
function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

function changeLastCharacter(text: string): string {
  return `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`;
}
