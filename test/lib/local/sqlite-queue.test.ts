import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import { openSqliteQueue, type SqliteQueue } from '../../../lib/local/sqlite-queue.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { jobQueueContract } from '../../support/port-contracts.ts';

const clock = manualClock();
const train = (job: string): QueueMessage => ({ type: 'train', job });

jobQueueContract(
  'a SQLite file',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'graft-test-'));
    const queue = openSqliteQueue({ file: join(directory, 'queue.sqlite'), clock });
    return {
      queue,
      async dispose() {
        queue.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
  clock,
);

describe('a SQLite file', () => {
  it('keeps its messages when it is closed', async () => {
    const file = newFile();
    const before = openSqliteQueue({ file, clock });
    await before.send(train('1'));
    await before.send(train('2'));
    const [held] = await before.receive({ max: 1, visibilitySeconds: 30 });
    before.close();
    const after = openQueue(file);
    expect(await after.receive({ max: 10, visibilitySeconds: 60 })).toMatchObject([{ message: train('2') }]);
    await after.acknowledge(held?.receipt ?? 'none');
    await clock.advance(60);
    expect(await after.receive({ max: 10, visibilitySeconds: 60 })).toMatchObject([{ message: train('2'), receiveCount: 2 }]);
  });

  it('makes its folder, and says what is wrong when it cannot', () => {
    const folder = join(temporaryFolder(), 'not', 'yet');
    openQueue(join(folder, 'queue.sqlite'));
    expect(() => openSqliteQueue({ file: join(folder, 'queue.sqlite', 'queue.sqlite'), clock })).toThrow(
      expect.objectContaining({ name: 'RuntimeError', code: 'STORE_FAILED' }),
    );
    expect(() => openSqliteQueue({ file: folder, clock })).toThrow(
      expect.objectContaining({ name: 'RuntimeError', code: 'STORE_FAILED', at: folder }),
    );
  });

  it('delivers in the order of sending', async () => {
    const queue = openQueue();
    const jobs = Array.from({ length: 12 }, (_, index) => train(String(index)));
    for (const job of jobs) await queue.send(job);
    const first = await queue.receive({ max: 10, visibilitySeconds: 60 });
    const rest = await queue.receive({ max: 10, visibilitySeconds: 60 });
    expect([...first, ...rest].map(({ message }) => message)).toEqual(jobs);
  });

  it('does not listen to a worker whose message another one has', async () => {
    const queue = openQueue();
    await queue.send(train('1'));
    const [slow] = await queue.receive({ max: 1, visibilitySeconds: 10 });
    await clock.advance(10);
    const [quick] = await queue.receive({ max: 1, visibilitySeconds: 60 });
    await queue.acknowledge(slow?.receipt ?? 'none');
    await queue.extend(slow?.receipt ?? 'none', 0);
    expect(await queue.size()).toBe(1);
    expect(await queue.receive({ max: 1, visibilitySeconds: 60 })).toEqual([]);
    await queue.acknowledge(quick?.receipt ?? 'none');
    expect(await queue.size()).toBe(0);
  });

  it('does not hide again what was hidden for too short a time, but forgets it when it is done after all', async () => {
    const queue = openQueue();
    await queue.send(train('1'));
    const [late] = await queue.receive({ max: 1, visibilitySeconds: 10 });
    await clock.advance(10);
    await queue.extend(late?.receipt ?? 'none', 60);
    const [again] = await queue.receive({ max: 1, visibilitySeconds: 10 });
    expect(again).toMatchObject({ receiveCount: 2 });
    await clock.advance(10);
    await queue.acknowledge(again?.receipt ?? 'none');
    expect(await queue.size()).toBe(0);
  });

  it('has dead letters in the order of sending, after as many deliveries as it was told', async () => {
    const queue = openQueue(newFile(), 1);
    for (const job of ['1', '2', '3']) await queue.send(train(job));
    await queue.receive({ max: 3, visibilitySeconds: 10 });
    expect(await queue.deadLetters()).toEqual([]);
    await clock.advance(10);
    expect(await queue.deadLetters()).toEqual([train('1'), train('2'), train('3')]);
    expect(await queue.redrive()).toBe(3);
    expect(await queue.receive({ max: 3, visibilitySeconds: 10 })).toHaveLength(3);
  });

  it.each([
    ['is delayed', async (queue: SqliteQueue) => queue.send(train('1'), { delaySeconds: 5 })],
    [
      'is held by a dead worker',
      async (queue: SqliteQueue) => {
        await queue.send(train('1'));
        await queue.receive({ max: 1, visibilitySeconds: 60 });
      },
    ],
  ])('delivers a message that %s, though the clock was set back by an hour', async (_, hide) => {
    const queue = openQueue();
    await hide(queue);
    expect(await queue.receive({ max: 1, visibilitySeconds: 60 })).toEqual([]);
    await clock.advance(-3600);
    onTestFinished(() => clock.advance(3600));
    expect(await queue.receive({ max: 1, visibilitySeconds: 60 })).toMatchObject([{ message: train('1') }]);
    expect(await queue.receive({ max: 1, visibilitySeconds: 60 }), 'hidden again').toEqual([]);
  });

  it('keeps the messages of a file of an earlier version', async () => {
    const file = newFile();
    const database = new DatabaseSync(file);
    database.exec(`
      CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, visible_at INTEGER NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0, receipt TEXT UNIQUE) STRICT`);
    const insert = 'INSERT INTO messages (body, visible_at) VALUES (?, 0)';
    database.prepare(insert).run(JSON.stringify(train('1')));
    database.close();
    const queue = openQueue(file);
    await queue.send(train('2'));
    const deliveries = await queue.receive({ max: 2, visibilitySeconds: 60 });
    expect(deliveries.map(({ message }) => message)).toEqual([train('1'), train('2')]);
  });

  it('ends a wait when it is closed', async () => {
    const queue = openSqliteQueue({ file: newFile(), clock });
    const waiting = queue.receive({ max: 1, visibilitySeconds: 60, waitSeconds: 20 });
    setImmediate(() => queue.close());
    expect(await waiting).toEqual([]);
  });

  it('hears of what is sent through another opening of the file', async () => {
    const file = newFile();
    const waiting = openQueue(file).receive({ max: 1, visibilitySeconds: 60, waitSeconds: 20 });
    await openQueue(file).send(train('1'));
    expect(await waiting).toMatchObject([{ message: train('1') }]);
  });

  it.each(['{"type":"dance"}', '{"type":', '[]'])(
    'delivers all but what it cannot read, which becomes a dead letter: %s',
    async (body) => {
      const file = newFile();
      const queue = openQueue(file, 1);
      const database = new DatabaseSync(file);
      database.prepare('INSERT INTO messages (body, visible_at) VALUES (?, 0)').run(body);
      database.close();
      await queue.send(train('1'));
      expect(await queue.receive({ max: 10, visibilitySeconds: 60 })).toMatchObject([{ message: train('1') }]);
      await clock.advance(60);
      // It keeps nobody from reading the others.
      expect(await queue.deadLetters()).toEqual([train('1')]);
      expect(await queue.redrive()).toBe(2);
    },
  );
});

function newFile(): string {
  return join(temporaryFolder(), 'queue.sqlite');
}

function openQueue(file = newFile(), maxReceives = 3): SqliteQueue {
  const queue = openSqliteQueue({ file, clock, maxReceives });
  onTestFinished(() => queue.close());
  return queue;
}
