import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareSpeed } from '../../../lib/features/compare-speed.ts';
import { type CalibrationImages, openInt8Trunk } from '../../../lib/features/int8-trunk.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import type { Trunk } from '../../../lib/features/trunk.ts';
import { readTrunk } from '../../../lib/features/trunk-store.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { mulberry32 } from '../../../lib/random.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' } satisfies Parameters<
  typeof openTrunk
>[0];

async function open() {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const trunk = await openTrunk(backbone, { cut: 'stages', pooling: undefined }, store);
  let reads = 0;
  /** Images that are named by a letter and a number, and drawn by the number. */
  const calibration = (...seeds: readonly number[]) => ({
    images: seeds.map((seed) => `${seed}`.repeat(64)),
    signal: new AbortController().signal,
    async read() {
      reads++;
      return seeds.map((seed) => {
        const random = mulberry32(seed);
        return Float32Array.from({ length: 32 * 32 * 3 }, () => random() * 255);
      });
    },
  });
  const openInt8 = async (images: CalibrationImages): Promise<Trunk> => {
    const opened = await openInt8Trunk(trunk, images, store);
    if ('why' in opened) throw new Error(opened.why);
    return opened;
  };
  return { store, trunk, calibration, openInt8, reads: () => reads };
}

test('an int8 trunk has a key that names its precision and its calibration images, and is built once', async () => {
  const { store, trunk, calibration, openInt8, reads } = await open();
  const int8 = await openInt8(calibration(1, 2, 3));
  expect(int8).toMatchObject({
    backbone: 'mobilenet',
    blocks: trunk.blocks,
    featureShape: trunk.featureShape,
    int8: { layers: 27, calibrationImages: calibration(1, 2, 3).images },
  });
  expect(int8.onnx.length).toBeLessThan(0.6 * trunk.onnx.length);
  const again = await openInt8(calibration(1, 2, 3));
  expect(again).toEqual(int8);
  expect(reads()).toBe(1);
  const other = await openInt8(calibration(1, 2, 4));
  expect(new Set([trunk.key, int8.key, other.key]).size).toBe(3);
  expect(await readTrunk(int8.key, store)).toEqual(int8);
});

test('a calibration whose signal is aborted ends, and stores nothing', async () => {
  const { store, calibration, openInt8 } = await open();
  const before = (await store.list('')).objects.map(({ key }) => key);
  const signal = AbortSignal.abort(new Error('cancelled'));
  await expect(openInt8({ ...calibration(1, 2, 3), signal })).rejects.toThrow('cancelled');
  expect((await store.list('')).objects.map(({ key }) => key)).toEqual(before);
});

test('processes that build one int8 trunk at once use the graph that was stored first', async () => {
  const { calibration, openInt8 } = await open();
  // Another machine measures slightly other ranges.
  const there = { ...calibration(1), read: calibration(5).read };
  const [here, other] = await Promise.all([openInt8(calibration(1)), openInt8(there)]);
  expect(other).toEqual(here);
  expect(await openInt8(there)).toEqual(here);
});

test('a graph whose description was never written is used by the process that builds it again', async () => {
  const { store, calibration, openInt8 } = await open();
  const first = await openInt8(calibration(1));
  await store.delete(`trunks/${first.key}.json`);
  const second = await openInt8({ ...calibration(1), read: calibration(5).read });
  expect(second).toEqual(first);
});

test('a trial ends when the job is stopped', async () => {
  const { trunk, calibration, openInt8 } = await open();
  const int8 = await openInt8(calibration(1));
  const stopped = AbortSignal.abort(new Error('stopped'));
  await expect(compareSpeed(trunk, int8, await calibration(1).read(), stopped)).rejects.toThrow('stopped');
});
