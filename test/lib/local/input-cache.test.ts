import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInputCache } from '../../../lib/local/input-cache.ts';
import { temporaryFolder } from '../../support/folder.ts';

const INPUT = { inputSize: [2, 2] } as const;
const CROPPED = { ...INPUT, cropToAspectRatio: true };
/** Bytes of an input of 2 x 2 pixels. */
const BYTES = 48;

const pixels = (value: number): Float32Array => new Float32Array(12).fill(value);

function openCache(most?: number) {
  const folder = join(temporaryFolder(), 'inputs', 'own');
  const events: string[] = [];
  return { folder, events, cache: openInputCache(folder, (event) => events.push(event), most) };
}

test('an input is found by its image, size and crop, also by another process', async () => {
  const { folder, cache, events } = openCache();
  await cache.keep('a', INPUT, pixels(0.1));
  await cache.keep('a', CROPPED, pixels(0.2));
  const other = openInputCache(folder, () => {});
  expect(await other.find('a', INPUT)).toEqual(pixels(0.1));
  expect(await other.find('a', CROPPED)).toEqual(pixels(0.2));
  expect(await other.find('a', { inputSize: [4, 1] })).toBeUndefined();
  expect(await other.find('b', INPUT)).toBeUndefined();
  expect(events).toEqual([]);
});

test('of more inputs than there is room for, the newest are kept', async () => {
  const { folder, cache } = openCache(2 * BYTES);
  for (const image of ['a', 'b', 'c']) await cache.keep(image, INPUT, pixels(1));
  expect(readdirSync(join(folder, '2x2')).sort()).toEqual(['b', 'c']);
});

test('an input that exceeds all room removes no other', async () => {
  const { cache } = openCache(BYTES);
  await cache.keep('a', INPUT, pixels(1));
  await cache.keep('b', { inputSize: [4, 4] }, new Float32Array(48));
  expect(await cache.find('a', INPUT)).toEqual(pixels(1));
  expect(await cache.find('b', { inputSize: [4, 4] })).toBeUndefined();
});

test('an incomplete file counts as no input', async () => {
  const { folder, cache } = openCache();
  await cache.keep('a', INPUT, pixels(1));
  writeFileSync(join(folder, '2x2', 'a'), new Uint8Array(BYTES - 4));
  expect(await cache.find('a', INPUT)).toBeUndefined();
});

test('a disk that refuses inputs is logged once', async () => {
  const { folder, cache, events } = openCache();
  mkdirSync(folder, { recursive: true });
  // A file where the folder of inputs belongs.
  writeFileSync(join(folder, '2x2'), '');
  for (const image of ['a', 'b']) await cache.keep(image, INPUT, pixels(1));
  expect(events).toEqual(['inputs.failed']);
  rmSync(join(folder, '2x2'));
  await cache.keep('c', INPUT, pixels(1));
  expect(existsSync(join(folder, '2x2'))).toBe(false);
});

test('a worker removes what dead workers have left, and at its end its own inputs', async () => {
  const { folder, cache } = openCache();
  const dead = join(folder, '..', 'dead', '2x2');
  mkdirSync(dead, { recursive: true });
  writeFileSync(join(dead, 'a'), new Uint8Array(BYTES));
  await cache.sweep();
  await cache.keep('a', INPUT, pixels(1));
  expect(readdirSync(join(folder, '..'))).toEqual(['own']);
  await cache.sweep();
  expect(await cache.find('a', INPUT)).toEqual(pixels(1));
  await cache.clear();
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});
