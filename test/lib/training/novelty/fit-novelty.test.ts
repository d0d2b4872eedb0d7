import { describe, expect, test } from 'vitest';
import type { NoveltyOmitted } from '../../../../lib/contracts/novelty.ts';
import { exportNovelty } from '../../../../lib/onnx/export-novelty.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import { randomStream } from '../../../../lib/random.ts';
import { blocksOf } from '../../../../lib/training/closed-form/feature-block.ts';
import { fitNovelty, type NoveltyDetector } from '../../../../lib/training/novelty/fit-novelty.ts';
import { noveltyScores } from '../../../../lib/training/novelty/novelty-scores.ts';

const WIDTH = 30;
const FACTORS = 4;

/** Features that a few factors explain up to some noise. Other factors give other features. */
function drawFeatures(
  count: number,
  { seed, factors = 'own' }: { readonly seed: number; readonly factors?: string },
): Float32Array {
  const loadings = randomStream(0, factors);
  const matrix = Array.from({ length: FACTORS * WIDTH }, () => loadings.next() - 0.5);
  const stream = randomStream(seed, 'rows');
  const rows = Array.from({ length: count }, () => {
    const own = Array.from({ length: FACTORS }, () => 4 * (stream.next() - 0.5));
    return Array.from({ length: WIDTH }, (_, column) =>
      own.reduce((total, value, factor) => total + value * (matrix[factor * WIDTH + column] ?? 0), 0.3 * (stream.next() - 0.5)),
    );
  });
  return Float32Array.from(rows.flat());
}

function optionsFor(count: number) {
  const folds = Array.from({ length: 10 }, (_, fold) => [...new Array(count).keys()].filter((row) => row % 10 === fold));
  const blocks = blocksOf([
    { name: 'first', size: 10 },
    { name: 'top', size: 20 },
  ]);
  return { rate: 0.05, blocks, folds, seed: 0, yieldToEventLoop: async () => {} };
}

async function fitted(features: Float32Array, count: number): Promise<NoveltyDetector> {
  const detector = await fitNovelty(features, count, optionsFor(count));
  if ('omitted' in detector) throw new Error(detector.omitted);
  return detector;
}

describe('a novelty score', () => {
  test('refuses about the wanted share of new images, and nearly all of another kind', async () => {
    const detector = await fitted(drawFeatures(200, { seed: 1 }), 200);
    const refused = (features: Float32Array) =>
      noveltyScores(features, features.length / WIDTH, detector).filter((score) => score > detector.record.threshold).length;
    expect(detector.record).toMatchObject({ rate: 0.05, images: 200, expectedShare: 1 - 191 / 201 });
    expect(refused(drawFeatures(1000, { seed: 2 }))).toBeLessThan(80);
    expect(refused(drawFeatures(1000, { seed: 2 }))).toBeGreaterThan(20);
    expect(refused(drawFeatures(1000, { seed: 2, factors: 'other' }))).toBeGreaterThan(950);
  });

  test('is the same for the same images', async () => {
    const features = drawFeatures(60, { seed: 3 });
    expect(await fitted(features, 60)).toEqual(await fitted(features, 60));
  });

  test('does not use an image for its own held-out score', async () => {
    const alike = drawFeatures(100, { seed: 4 });
    const outlier = drawFeatures(1, { seed: 5, factors: 'other' });
    alike.set(outlier, 0);
    const rate = 1 / 101;
    const detector = await fitNovelty(alike, 100, { ...optionsFor(100), rate });
    // The threshold of this rate is the largest score, which is the outlier's.
    const others = await fitted(drawFeatures(100, { seed: 4 }), 100);
    expect('record' in detector && detector.record.threshold).toBeGreaterThan(2 * others.record.threshold);
  });

  test.each<[string, Float32Array, number, number, RegExp]>([
    ['too few images', drawFeatures(19, { seed: 6 }), 19, 0.05, /^A rate of 0.05 needs 20 images; there are 19\.$/],
    ['too few images for the rate', drawFeatures(40, { seed: 6 }), 40, 0.01, /^A rate of 0.01 needs 99 images/],
    ['too many columns', new Float32Array(20 * 40_001), 20, 0.05, /40001 columns/],
    ['equal features', new Float32Array(40 * WIDTH).fill(3), 40, 0.05, /equal/],
    ['features that are not numbers', new Float32Array(40 * WIDTH).fill(Number.NaN), 40, 0.05, /finite/],
  ])('is omitted with %s', async (_, features, count, rate, why) => {
    const found: NoveltyDetector | NoveltyOmitted = await fitNovelty(features, count, { ...optionsFor(count), rate });
    expect(found).toEqual({ rate, omitted: expect.stringMatching(why) });
  });

  test('is computed by its graph, which averages maps', async () => {
    const detector = await fitted(drawFeatures(60, { seed: 7 }), 60);
    const rows = drawFeatures(4, { seed: 8 });
    const expected = noveltyScores(rows, 4, detector);
    const vectors = await openSession(exportNovelty(detector, [WIDTH], 'novelty'), { threads: 1 });
    expect(vectors.outputs).toEqual([{ name: 'novelty', shape: ['N'] }]);
    const { data } = await vectors.run(rows, [4, WIDTH]);
    expect(data).toHaveLength(4);
    for (const [row, score] of data.entries()) expect(score).toBeCloseTo(expected[row] ?? Number.NaN, 4);
    // Two positions whose mean is the vector.
    const maps = new Float32Array(8 * WIDTH);
    for (let i = 0; i < maps.length; i++) {
      const [row, column] = [Math.floor(i / (2 * WIDTH)), i % WIDTH];
      maps[i] = (rows[row * WIDTH + column] ?? 0) + (i % (2 * WIDTH) < WIDTH ? 1 : -1);
    }
    const ofMaps = await openSession(exportNovelty(detector, [1, 2, WIDTH], 'novelty'), { threads: 1 });
    const averaged = await ofMaps.run(maps, [4, 1, 2, WIDTH]);
    for (const [row, score] of averaged.data.entries()) expect(score).toBeCloseTo(expected[row] ?? Number.NaN, 4);
    await vectors.close();
    await ofMaps.close();
  });
});
