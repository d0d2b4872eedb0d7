import { describe, expect, test } from 'vitest';
import { exportDetector } from '../../../../lib/onnx/export-detector.ts';
import { joinOnnx } from '../../../../lib/onnx/join-onnx.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import { randomStream } from '../../../../lib/random.ts';
import {
  detectorScores,
  type FittedDetector,
  fitDetector,
  type PatchMaps,
} from '../../../../lib/training/novelty/fit-detector.ts';
import { greedyCoreset } from '../../../../lib/training/novelty/greedy-coreset.ts';
import { nearestDistances } from '../../../../lib/training/novelty/nearest-distances.ts';

const SIDE = 4;
const CHANNELS = 6;
const POSITIONS = SIDE * SIDE;

/** Maps of noise around a level. */
function drawMaps(count: number, { seed, level = 0 }: { readonly seed: number; readonly level?: number }): PatchMaps {
  const stream = randomStream(seed, 'maps');
  const maps = Float32Array.from({ length: count * POSITIONS * CHANNELS }, () => level + stream.next() + stream.next());
  return { maps, count, channels: CHANNELS };
}

function fitted(images: PatchMaps, rate = 0.05): Promise<FittedDetector> {
  const rows = Array.from({ length: images.count }, (_, row) => row);
  const folds = Array.from({ length: 5 }, (_, fold) => rows.filter((row) => row % 5 === fold));
  return fitDetector(images, { rate, folds, seed: 0, yieldToEventLoop: async () => {} });
}

describe('a detector of images unlike those of one class', () => {
  test('refuses about the wanted share of new images of the class', async () => {
    const detector = await fitted(drawMaps(100, { seed: 1 }), 0.1);
    const scores = await detectorScores(drawMaps(400, { seed: 2 }), detector);
    const refused = scores.filter((score) => score > detector.threshold).length;
    expect(detector.record).toMatchObject({ rate: 0.1, images: 100, threshold: detector.threshold });
    expect(refused).toBeGreaterThan(10);
    expect(refused).toBeLessThan(80);
  });

  test('refuses images that differ in all of their patches a little, or in one of them much', async () => {
    const detector = await fitted(drawMaps(100, { seed: 1 }));
    const shifted = await detectorScores(drawMaps(50, { seed: 3, level: 0.3 }), detector);
    const spotted = drawMaps(50, { seed: 4 });
    for (let image = 0; image < 50; image++)
      spotted.maps.fill(6, image * POSITIONS * CHANNELS, (image * POSITIONS + 1) * CHANNELS);
    expect(shifted.filter((score) => score > detector.threshold).length).toBeGreaterThan(45);
    expect((await detectorScores(spotted, detector)).every((score) => score > detector.threshold)).toBe(true);
  });

  test('is the same for the same images', async () => {
    expect(await fitted(drawMaps(40, { seed: 5 }))).toEqual(await fitted(drawMaps(40, { seed: 5 })));
  });

  test('takes images that are all equal', async () => {
    const equal = { ...drawMaps(20, { seed: 6 }), maps: new Float32Array(20 * POSITIONS * CHANNELS).fill(1) };
    const detector = await fitted(equal);
    const [other = 0] = await detectorScores({ ...equal, count: 1, maps: equal.maps.slice(0, POSITIONS * CHANNELS) }, detector);
    expect(Number.isFinite(other)).toBe(true);
    expect(detector.threshold).toBeGreaterThan(0);
  });
});

test('the exported graphs give the scores, the probability and the map', async () => {
  const detector = await fitted(drawMaps(40, { seed: 7 }));
  const shape = [SIDE, SIDE, CHANNELS];
  const graphs = exportDetector(detector, shape, { probability: 'probability', score: 'score', map: 'map' });
  const onnx = joinOnnx(graphs.distances, graphs.probability, {}, [
    { onnx: graphs.score, output: 'score' },
    { onnx: graphs.map, output: 'map' },
  ]);
  const session = await openSession(onnx, { threads: 1 });
  const some = drawMaps(3, { seed: 8 });
  some.maps.fill(5, 5 * CHANNELS, 6 * CHANNELS);
  const { data, dims, further } = await session.run(some.maps, [3, ...shape], ['score', 'map']);
  await session.close();
  const scores = await detectorScores(some, detector);
  expect(dims).toEqual([3, 1]);
  expect(further.map((output) => output.dims)).toEqual([[3], [3, SIDE, SIDE]]);
  const [score, map] = further.map((output) => [...output.data]);
  for (const [image, expected] of scores.entries()) {
    expect(score?.[image]).toBeCloseTo(expected, 4);
    const logit = (detector.threshold - expected) / detector.spread;
    expect(data[image]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 4);
  }
  const first = map?.slice(0, POSITIONS) ?? [];
  expect(first.indexOf(Math.max(...first))).toBe(5);
});

test('a coreset has the rows farthest from each other, and all rows if there are few', async () => {
  const corners = [0, 0, 10, 0, 0, 10, 10, 10];
  const rows = Float32Array.from([...corners, ...Array.from({ length: 60 }, (_, i) => 5 + (i % 7) / 10)]);
  const chosen = await greedyCoreset(rows, 2, 5, randomStream(0, 'coreset'));
  expect(await nearestDistances(Float32Array.from(corners), chosen, 2)).toEqual(new Float32Array(4));
  expect(await greedyCoreset(rows, 2, 100, randomStream(0, 'coreset'))).toBe(rows);
});
