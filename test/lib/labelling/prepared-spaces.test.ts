import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openPreparedSpaces, type PrepareSpace } from '../../../lib/labelling/prepared-spaces.ts';
import { testWorld } from '../../support/world.ts';

const log = () => {};

/** Preparations that end when they are told to. */
function preparations() {
  const begun: string[] = [];
  const running = new Set<() => void>();
  let most = 0;
  const prepare: PrepareSpace = async ([image = ''], { signal }) => {
    begun.push(image);
    const { promise, resolve } = Promise.withResolvers<void>();
    running.add(resolve);
    most = Math.max(most, running.size);
    signal.addEventListener('abort', () => resolve());
    await promise;
    // What has to be cleaned up takes a while.
    await nextTurn();
    running.delete(resolve);
    signal.throwIfAborted();
    return { count: 3, width: 1, vectors: Float32Array.of(1, 2, 3), density: new Float32Array(3) };
  };
  const finish = async () => {
    await nextTurn();
    for (const end of running) end();
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  };
  return { prepare, finish, begun, running, most: () => most };
}

const sets = (count: number) => Array.from({ length: count }, (_, set) => [`image of ${set}`]);

test.each([
  ['five', 5],
  ['nine', 9],
])('the spaces of %s data sets that are asked for in turn are all ready once, prepared one at a time', async (_, count) => {
  const { prepare, finish, most } = preparations();
  const { store } = testWorld();
  const spaces = openPreparedSpaces(log, prepare);
  const ready = new Set<number>();
  for (let round = 0; round < count; round++) {
    for (const [set, images] of sets(count).entries()) {
      const found = spaces.find(images, store);
      if ('space' in found) ready.add(set);
      else expect(found.progress).toEqual({ done: 0, total: 1 });
      await finish();
    }
  }
  expect(ready.size).toBe(count);
  expect(most()).toBe(1);
  await spaces.close();
});

test('a space stays until its map was returned, however many others are used meanwhile', async () => {
  const { prepare, finish, begun } = preparations();
  const { store } = testWorld();
  const spaces = openPreparedSpaces(log, prepare);
  const useOthers = async () => {
    for (const images of sets(6)) {
      for (let time = 0; time < 2; time++) {
        spaces.find(images, store);
        await finish();
      }
    }
  };
  spaces.findMap(['a'], store);
  await finish();
  expect(spaces.findMap(['a'], store)).toEqual({ progress: { done: 0, total: 100 } });
  await useOthers();
  expect(spaces.findMap(['a'], store)).toHaveProperty('map');
  expect(begun.filter((image) => image === 'a')).toHaveLength(1);
  await useOthers();
  expect(spaces.findMap(['a'], store)).toHaveProperty('progress');
  await spaces.close();
});

test('the four spaces that were used last stay', async () => {
  const { prepare, finish, begun } = preparations();
  const { store } = testWorld();
  const spaces = openPreparedSpaces(log, prepare);
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((image) => [image]);
  for (const images of [a!, b!, c!, d!, a!, e!, c!, a!, b!]) {
    for (let time = 0; time < 2; time++) {
      spaces.find(images, store);
      await finish();
    }
  }
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'b']);
  await spaces.close();
});

test('closing waits for the preparation that runs, and starts none of those that wait', async () => {
  const { prepare, begun, running } = preparations();
  const { store } = testWorld();
  const spaces = openPreparedSpaces(log, prepare);
  for (const images of sets(6)) spaces.find(images, store);
  await nextTurn();
  expect(running.size).toBe(1);
  await spaces.close();
  expect(running.size).toBe(0);
  expect(begun).toHaveLength(1);
});

test('what a preparation throws is thrown once, and the next call starts it again', async () => {
  let tries = 0;
  const { prepare, finish } = preparations();
  const { store } = testWorld();
  const spaces = openPreparedSpaces(log, async (...args) => {
    if (++tries === 1) throw new Error('no memory');
    return prepare(...args);
  });
  spaces.find(['a'], store);
  await finish();
  expect(() => spaces.find(['a'], store)).toThrow('no memory');
  expect(spaces.find(['a'], store)).toEqual({ progress: { done: 0, total: 1 } });
  await finish();
  await finish();
  expect(spaces.find(['a'], store)).toHaveProperty('space');
  await spaces.close();
});

describe('what nobody asked for during 90 seconds', () => {
  function timed() {
    const clock = { now: 0 };
    const parts = preparations();
    return { ...parts, clock, spaces: openPreparedSpaces(log, parts.prepare, () => clock.now) };
  }

  test('does not block others, while it runs and while it waits', async () => {
    const { spaces, finish, begun, running, most, clock } = timed();
    const { store } = testWorld();
    for (const image of ['left', 'left too', 'wanted']) spaces.find([image], store);
    for (let second = 0; second < 90; second += 2) {
      clock.now += 2_000;
      spaces.find(['wanted'], store);
    }
    await nextTurn();
    expect(begun).toEqual(['left']);
    clock.now += 2_000;
    spaces.find(['wanted'], store);
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(begun).toEqual(['left', 'wanted']);
    expect([running.size, most()]).toEqual([1, 1]);
    await finish();
    expect(spaces.find(['wanted'], store)).toHaveProperty('space');
    spaces.find(['left'], store);
    expect(begun).toEqual(['left', 'wanted', 'left']);
    await spaces.close();
  });

  test('is not begun when its turn comes', async () => {
    const { spaces, finish, begun, clock } = timed();
    const { store } = testWorld();
    for (const image of ['a', 'left']) spaces.find([image], store);
    clock.now += 91_000;
    await finish();
    expect(begun).toEqual(['a']);
    await spaces.close();
  });

  test('is completed if nothing else waits', async () => {
    const { spaces, finish, clock } = timed();
    const { store } = testWorld();
    spaces.find(['a'], store);
    clock.now += 600_000;
    await finish();
    expect(spaces.find(['a'], store)).toHaveProperty('space');
    await spaces.close();
  });

  test('does not stay in memory when it is ready', async () => {
    const { spaces, finish, begun, clock } = timed();
    const { store } = testWorld();
    for (const images of sets(6)) {
      spaces.find(images, store);
      await finish();
    }
    clock.now += 91_000;
    spaces.find(['another'], store);
    await finish();
    for (const images of sets(6)) {
      expect(spaces.find(images, store)).toHaveProperty('progress');
      await finish();
    }
    expect(begun).toHaveLength(13);
    await spaces.close();
  });

  test('is waited for by close, also if it was dropped', async () => {
    const { spaces, running, clock } = timed();
    const { store } = testWorld();
    spaces.find(['left'], store);
    clock.now += 91_000;
    spaces.find(['wanted'], store);
    await spaces.close();
    expect(running.size).toBe(0);
  });
});

test('a failure that nobody asked for is forgotten after 90 seconds', async () => {
  let time = 0;
  const { finish } = preparations();
  const { store } = testWorld();
  const fail = () => Promise.reject(new Error('no memory'));
  const spaces = openPreparedSpaces(log, fail, () => time);
  spaces.find(['a'], store);
  await finish();
  time += 91_000;
  spaces.find(['b'], store);
  expect(spaces.find(['a'], store)).toHaveProperty('progress');
  await spaces.close();
});
