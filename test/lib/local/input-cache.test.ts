import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type InputCacheOptions, openInputCache, sweepInputs } from '../../../lib/local/input-cache.ts';
import { newInputFolder } from '../../../lib/local/input-folder.ts';
import { temporaryFolder } from '../../support/folder.ts';

const INPUT = { inputSize: [2, 2] } as const;
const CROPPED = { ...INPUT, cropToAspectRatio: true };
/** Bytes of an input of 2 x 2 pixels. */
const BYTES = 48;
const HOUR_MS = 3_600_000;

const pixels = (value: number): Float32Array => new Float32Array(12).fill(value);

function openCache(options: InputCacheOptions = {}) {
  const dataFolder = temporaryFolder();
  const folder = newInputFolder(dataFolder);
  const events: string[] = [];
  return { dataFolder, folder, events, cache: openInputCache(folder, (event) => events.push(event), options) };
}

test('an input is found by its image, size and crop, also by another process', async () => {
  const { folder, cache, events } = openCache();
  await Promise.all([cache.keep('a', INPUT, pixels(0.1)), cache.keep('a', CROPPED, pixels(0.2))]);
  const other = openInputCache(folder, () => {});
  expect(await other.find('a', INPUT)).toEqual(pixels(0.1));
  expect(await other.find('a', CROPPED)).toEqual(pixels(0.2));
  expect(await other.find('a', { inputSize: [4, 1] })).toBeUndefined();
  expect(await other.find('b', INPUT)).toBeUndefined();
  expect(events).toEqual([]);
  cache.clear();
});

test('of more inputs than there is room for, the newest are kept', async () => {
  const { folder, cache } = openCache({ most: 2 * BYTES });
  for (const image of ['a', 'b', 'c']) await cache.keep(image, INPUT, pixels(1));
  expect(readdirSync(join(folder, '2x2')).sort()).toEqual(['b', 'c']);
  cache.clear();
});

test('inputs that are kept at the same time leave no file that nothing counts', async () => {
  const { folder, cache } = openCache({ most: 2 * BYTES });
  const images = Array.from({ length: 20 }, (_, image) => String(image));
  await Promise.all(images.map((image) => cache.keep(image, INPUT, pixels(1))));
  expect(readdirSync(join(folder, '2x2'))).toHaveLength(2);
  cache.clear();
});

test('an input that exceeds all room removes no other', async () => {
  const { cache } = openCache({ most: BYTES });
  await cache.keep('a', INPUT, pixels(1));
  await cache.keep('b', { inputSize: [4, 4] }, new Float32Array(48));
  expect(await cache.find('a', INPUT)).toEqual(pixels(1));
  expect(await cache.find('b', { inputSize: [4, 4] })).toBeUndefined();
  cache.clear();
});

test('an input is removed after an hour', async () => {
  let now = 0;
  const { folder, cache } = openCache({ now: () => now });
  await cache.trim();
  await cache.keep('a', INPUT, pixels(1));
  now = HOUR_MS / 2;
  await cache.keep('b', INPUT, pixels(1));
  await cache.trim();
  expect(readdirSync(join(folder, '2x2')).sort()).toEqual(['a', 'b']);
  now = HOUR_MS + 1;
  await cache.trim();
  expect(readdirSync(join(folder, '2x2'))).toEqual(['b']);
  cache.clear();
});

test('an incomplete file counts as no input', async () => {
  const { folder, cache } = openCache();
  await cache.keep('a', INPUT, pixels(1));
  writeFileSync(join(folder, '2x2', 'a'), new Uint8Array(BYTES - 4));
  expect(await cache.find('a', INPUT)).toBeUndefined();
  cache.clear();
});

test('a disk that refuses an input is logged once, gets no other, and gets its room back', async () => {
  const { folder, cache, events } = openCache();
  await cache.keep('a', { inputSize: [4, 1] }, pixels(1));
  // A file where the folder of inputs belongs.
  writeFileSync(join(folder, '2x2'), '');
  await Promise.all(['a', 'b'].map((image) => cache.keep(image, INPUT, pixels(1))));
  await cache.keep('c', { inputSize: [4, 1] }, pixels(1));
  expect(events).toEqual(['inputs.failed']);
  expect(existsSync(folder)).toBe(false);
});

test('a data folder that was deleted does not appear again', async () => {
  const { dataFolder, cache, events } = openCache();
  rmSync(dataFolder, { recursive: true });
  await cache.keep('a', INPUT, pixels(1));
  expect(existsSync(dataFolder)).toBe(false);
  expect(events).toEqual(['inputs.failed']);
});

test('a worker removes what dead processes have left, at its end its own inputs, and can go on then', async () => {
  const { dataFolder, folder, cache } = openCache();
  const dead = join(dirname(folder), 'dead', '2x2');
  mkdirSync(dead, { recursive: true });
  writeFileSync(join(dead, 'a'), new Uint8Array(BYTES));
  const other = openInputCache(newInputFolder(dataFolder), () => {});
  await other.keep('a', INPUT, pixels(2));
  sweepInputs(dataFolder, () => {});
  expect(existsSync(dead)).toBe(false);
  expect(await other.find('a', INPUT)).toEqual(pixels(2));
  await cache.keep('a', INPUT, pixels(1));
  cache.clear();
  expect(existsSync(folder)).toBe(false);
  await cache.keep('a', INPUT, pixels(3));
  expect(await cache.find('a', INPUT)).toEqual(pixels(3));
  cache.clear();
  other.clear();
  expect(readdirSync(dirname(folder))).toEqual([]);
});
