import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type FileStore, openFileStore } from '../../../lib/local/file-store.ts';
import { openSqliteQueue, type SqliteQueue } from '../../../lib/local/sqlite-queue.ts';
import { systemClock } from '../../../lib/store/system-clock.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type RunningScript, startScript } from '../../support/processes/script.ts';

it('loses no update when two processes count by compare-and-swap', async () => {
  const directory = temporaryFolder();
  const store = openStore(directory);
  await store.put('counter', Buffer.from('00000000'));
  const scripts = [start('count.ts', directory, '100'), start('count.ts', directory, '100')];
  const seen = (await Promise.all(scripts.map(allLines))).flat();
  expect(await textOf(store, 'counter')).toBe('00000200');
  expect(seen.toSorted()).toEqual(Array.from({ length: 200 }, (_, index) => String(index + 1).padStart(8, '0')));
});

it('frees the lock and keeps every finished write when a process is killed while it counts', async () => {
  const directory = temporaryFolder();
  const store = openStore(directory);
  await store.put('counter', Buffer.from('00000000'));
  const killed = [start('count.ts', directory, '1e9'), start('count.ts', directory, '1e9')];
  const said = await Promise.all(killed.map((script) => linesUntilKilled(script, 20)));
  expect(Number(await textOf(store, 'counter'))).toBeGreaterThanOrEqual(said.flat().length);
  await allLines(start('count.ts', directory, '1'));
});

it('shows only whole objects, and leaves no litter, however often a writer is killed', async () => {
  const directory = temporaryFolder();
  for (const puts of [1, 2, 3, 4]) await linesUntilKilled(start('write.ts', directory), puts);
  const store = openStore(directory);
  const { objects } = await store.list('');
  expect(objects.length).toBeGreaterThan(0);
  for (const { key, size } of objects) {
    const body = (await store.get(key))?.body ?? expect.fail(`${key} was listed`);
    expect(size).toBe(400_032);
    expect(createHash('sha256').update(body.subarray(32)).digest('hex')).toBe(Buffer.from(body.subarray(0, 32)).toString('hex'));
  }
  expect(readdirSync(join(directory, 'scratch'))).toHaveLength(1);
});

it('leaves the drafts of living processes alone', async () => {
  const directory = temporaryFolder();
  const script = start('write.ts', directory);
  expect(await script.read(1)).toHaveLength(1);
  openStore(directory);
  expect(await script.read(3)).toHaveLength(3);
  script.kill();
  expect(await script.ended).toBe('SIGKILL');
});

it('keeps every message of a process that was killed, those that it sent and those that it held', async () => {
  const file = join(temporaryFolder(), 'queue.sqlite');
  const clock = manualClock(new Date().toISOString());
  const queue = openQueue(file, clock);
  await queue.send({ type: 'train', job: 'held' });
  const sent = await linesUntilKilled(start('send.ts', file), 20);
  await clock.advance(3600);
  const jobs: string[] = [];
  for (;;) {
    const deliveries = await queue.receive({ max: 10, visibilitySeconds: 600 });
    if (deliveries.length === 0) break;
    jobs.push(...deliveries.flatMap(({ message }) => (message.type === 'train' ? message.job : [])));
  }
  expect(jobs).toEqual(expect.arrayContaining(['held', ...sent]));
});

it('gives each message to one of two processes', async () => {
  const file = join(temporaryFolder(), 'queue.sqlite');
  const jobs = Array.from({ length: 200 }, (_, index) => String(index));
  const queue = openQueue(file, systemClock);
  await Promise.all(jobs.map((job) => queue.send({ type: 'train', job })));
  const received = await Promise.all([start('drain.ts', file), start('drain.ts', file)].map(allLines));
  expect(received.flat().toSorted()).toEqual(jobs.toSorted());
  expect(await queue.size()).toBe(0);
});

it('hears of a message that another process sends while it waits', async () => {
  const file = join(temporaryFolder(), 'queue.sqlite');
  const queue = openQueue(file, systemClock);
  const waiting = queue.receive({ max: 1, visibilitySeconds: 600, waitSeconds: 20 });
  const script = start('send.ts', file);
  expect(await waiting).toMatchObject([{ receiveCount: 1 }]);
  script.kill();
  await script.ended;
  expect(existsSync(`${file}-wal`)).toBe(true);
});

function openStore(directory: string): FileStore {
  const store = openFileStore({ directory, clock: systemClock });
  onTestFinished(() => store.close());
  return store;
}

function openQueue(file: string, clock: typeof systemClock): SqliteQueue {
  const queue = openSqliteQueue({ file, clock });
  onTestFinished(() => queue.close());
  return queue;
}

function start(name: string, ...args: readonly string[]): RunningScript {
  return startScript(new URL(`scripts/${name}`, import.meta.url), ...args);
}

async function allLines(script: RunningScript): Promise<string[]> {
  const lines = await script.read(Number.POSITIVE_INFINITY);
  expect(await script.ended).toBe(0);
  return lines;
}

async function linesUntilKilled(script: RunningScript, count: number): Promise<string[]> {
  const lines = await script.read(count);
  expect(lines).toHaveLength(count);
  script.kill();
  expect(await script.ended).toBe('SIGKILL');
  return lines;
}

async function textOf(store: FileStore, key: string): Promise<string> {
  return new TextDecoder().decode((await store.get(key))?.body);
}

it("processes that open and close one store at the same time do not get in each other's way", async () => {
  const directory = temporaryFolder();
  const scripts = Array.from({ length: 3 }, () =>
    startScript(new URL('scripts/open-and-close.ts', import.meta.url), directory, '60'),
  );
  expect(await Promise.all(scripts.map(({ ended }) => ended))).toEqual([0, 0, 0]);
});
