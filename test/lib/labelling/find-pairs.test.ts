import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { setLabels } from '../../../lib/datasets/set-labels.ts';
import { findPairs } from '../../../lib/labelling/find-pairs.ts';
import { openVersionView } from '../../../lib/labelling/open-version-view.ts';
import type { PreparedSpaces } from '../../../lib/labelling/prepared-spaces.ts';
import { importTwo } from '../../support/api.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { testWorld } from '../../support/world.ts';

const WIDTH = 2;

/** Two classes of twelve images, and a space of them that counts how often its vectors are read. */
async function opened() {
  const world = testWorld();
  await importTwo(
    world,
    'two',
    Array.from({ length: 12 }, (_, i) => 8 + i),
  );
  const stop = new AbortController();
  let reads = 0;
  let isReady = true;
  const spaces: PreparedSpaces = {
    find(images) {
      if (!isReady) return { progress: { done: 0, total: images.length } };
      const vectors = Float32Array.from({ length: images.length * WIDTH }, (_, i) => Math.cos(i));
      const space = {
        count: images.length,
        width: WIDTH,
        density: new Float32Array(images.length),
        get vectors() {
          reads++;
          return vectors;
        },
      };
      return { space, rowOf: new Map(images.map((image, row) => [image, row])) };
    },
    findMap: () => ({ progress: { done: 0, total: 0 } }),
    signal: stop.signal,
    close: async () => {},
  };
  const ask = async () => findPairs(await openVersionView('two', world), { limit: 50 }, spaces);
  return {
    ask,
    stop,
    reads: () => reads,
    setReady(ready: boolean) {
      isReady = ready;
    },
  };
}

it('compares the images of a version once, however many ask at the same time and later', async () => {
  const { ask, reads, setReady } = await opened();
  setReady(false);
  expect(await ask()).toMatchObject({ state: 'preparing' });
  setReady(true);
  const [first, second] = await Promise.all([ask(), ask()]);
  const once = reads();
  expect(once).toBeGreaterThan(0);
  expect(first.state).toBe('ready');
  expect(second.pairs).toEqual(first.pairs);
  await ask();
  expect(reads()).toBe(once);
});

it('names each similar picture with another label until it and the first one are confirmed', async () => {
  const world = testWorld();
  const picture = await imageNumber(2);
  const encoded = (compressionLevel: number) => sharp(picture).png({ compressionLevel }).toBuffer();
  const bytes = { 'cat/a.png': await encoded(1), 'dog/b.png': await encoded(5), 'dog/c.png': await encoded(0) };
  await importStored({ name: 'similar', files: await uploadBytes(world.store, bytes) }, world);
  const spaces: PreparedSpaces = {
    find: () => ({ progress: { done: 0, total: 3 } }),
    findMap: () => ({ progress: { done: 0, total: 3 } }),
    signal: new AbortController().signal,
    close: async () => {},
  };
  const named = async () => {
    const { pairs } = await findPairs(await openVersionView('similar', world), { limit: 10 }, spaces);
    return pairs.map(({ kind, left, right }) => [kind, left.path, right.path]);
  };
  const confirm = (...paths: string[]) =>
    setLabels(
      'similar',
      {
        labels: paths.map((image) => ({
          image,
          labels: [image.slice(0, 3)],
          source: 'person' as const,
          confirmed: true,
        })),
      },
      world,
    );
  expect(await named()).toEqual([['similar', 'cat/a.png', 'dog/b.png']]);
  await confirm('cat/a.png', 'dog/b.png');
  expect(await named()).toEqual([['similar', 'cat/a.png', 'dog/c.png']]);
  await confirm('dog/c.png');
  expect(await named()).toEqual([]);
});

it('suspects no test image, whatever its neighbours are', async () => {
  const world = testWorld();
  const paths = ['no', 'yes'].flatMap((label) => Array.from({ length: 12 }, (_, i) => `train/${label}/${i}.png`));
  const odd = ['train/no/odd.png', 'test/no/odd.png'];
  const all = [...paths, ...odd];
  const images = await Promise.all(all.map(async (path, i) => [path, await imageNumber(i + 1)] as const));
  const pathOf = new Map(images.map(([path, bytes]) => [createHash('sha256').update(bytes).digest('hex'), path]));
  await importStored({ name: 'odd', files: await uploadBytes(world.store, Object.fromEntries(images)) }, world);
  const spaces: PreparedSpaces = {
    find(asked) {
      // Two groups of directions: the odd images are among those of the other class.
      const vectors = asked.flatMap((sha256, i) => {
        const path = pathOf.get(sha256) ?? '';
        const angle = (path.includes('/yes/') || path.includes('odd') ? 1.5 : 0) + i / 1_000;
        return [Math.cos(angle), Math.sin(angle)];
      });
      const space = {
        count: asked.length,
        width: WIDTH,
        density: new Float32Array(asked.length),
        vectors: Float32Array.from(vectors),
      };
      return { space, rowOf: new Map(asked.map((image, row) => [image, row])) };
    },
    findMap: () => ({ progress: { done: 0, total: 0 } }),
    signal: new AbortController().signal,
    close: async () => {},
  };
  const { pairs } = await findPairs(await openVersionView('odd', world), { limit: 50 }, spaces);
  expect(pairs.filter(({ kind }) => kind === 'suspect').map(({ left }) => left.path)).toEqual(['train/no/odd.png']);
});

it('ends the comparison when the service closes, and begins again at the next request', async () => {
  const { ask, stop, reads } = await opened();
  stop.abort(new Error('closed'));
  await expect(ask()).rejects.toThrow('closed');
  const before = reads();
  await expect(ask()).rejects.toThrow('closed');
  expect(reads()).toBeGreaterThan(before);
});
