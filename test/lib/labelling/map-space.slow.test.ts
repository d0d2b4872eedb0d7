import { describe, expect, it } from 'vitest';
import { mapSpace, type SpaceMap } from '../../../lib/labelling/map-space.ts';
import { randomStream } from '../../../lib/random.ts';

const WIDTH = 6;
const CLUSTERS = 3;

/** Vectors around one of three directions each, in turns. */
function clusters(count: number) {
  const random = randomStream(0, 'clusters');
  const vectors = new Float32Array(count * WIDTH);
  for (let i = 0; i < vectors.length; i++) {
    const row = Math.floor(i / WIDTH);
    vectors[i] = Number(i % WIDTH === row % CLUSTERS) + 0.4 * (random.next() - 0.5);
  }
  return { count, width: WIDTH, vectors, density: new Float32Array(count) };
}

const options = { signal: new AbortController().signal, onProgress: () => {}, yieldToEventLoop: async () => {} };

/** Share of images whose nearest image on the map is of their own cluster. */
function purity({ x, y }: SpaceMap): number {
  const rows = [...x.keys()].filter((row) => row % 7 === 0);
  const isPure = rows.map((row) => {
    const distance = (other: number) => (x[row]! - x[other]!) ** 2 + (y[row]! - y[other]!) ** 2;
    const nearest = [...x.keys()].filter((other) => other !== row).reduce((a, b) => (distance(a) <= distance(b) ? a : b));
    return nearest % CLUSTERS === row % CLUSTERS;
  });
  return isPure.filter(Boolean).length / rows.length;
}

describe('the map of a space', () => {
  it('keeps similar images together, is the same each time, and reports its progress', async () => {
    const shares: number[] = [];
    const map = await mapSpace(clusters(300), { ...options, onProgress: (share) => shares.push(share) });
    expect(purity(map)).toBeGreaterThan(0.98);
    expect([Math.min(...map.x), Math.max(...map.x), Math.min(...map.y), Math.max(...map.y)]).toEqual([0, 1, 0, 1]);
    expect(shares.at(-1)).toBe(1);
    expect(await mapSpace(clusters(300), options)).toEqual(map);
  });

  it('places images outside the sample between those that are like them', { timeout: 120_000 }, async () => {
    expect(purity(await mapSpace(clusters(4_600), options))).toBeGreaterThan(0.98);
  });

  it.each([0, 1, 2, 3, 4, 5])('has a place for each of %i images', async (count) => {
    const { x, y } = await mapSpace(clusters(count), options);
    expect([x.length, y.length]).toEqual([count, count]);
    expect([...x, ...y].every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('stops its thread when it is aborted', async () => {
    const stop = new AbortController();
    const work = mapSpace(clusters(2_000), {
      ...options,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('stopped')),
    });
    await expect(work).rejects.toThrow('stopped');
  });
});
