import { describe, expect, it } from 'vitest';
import { argMax, mean } from '../../../lib/arithmetic.ts';
import { chooseNext, drawCandidates } from '../../../lib/labelling/choose-next.ts';
import { expectGain } from '../../../lib/labelling/expect-gain.ts';
import { type FeatureSpace, openFeatureSpace } from '../../../lib/labelling/feature-space.ts';
import { drawSample, fitLabelled } from '../../../lib/labelling/fit-labelled.ts';
import { randomStream } from '../../../lib/random.ts';

const WIDTH = 12;
const COUNT = 90;
const yieldToEventLoop = async () => {};

/** Three clusters of thirty images each. @param noise their spread, relative to their distance */
function clusters(noise: number): Float32Array {
  const random = randomStream(0, 'clusters');
  const inputs = new Float32Array(COUNT * WIDTH);
  for (let i = 0; i < inputs.length; i++) {
    const row = Math.floor(i / WIDTH);
    const centre = i % WIDTH === row % 3 ? 1 : 0;
    inputs[i] = centre + noise * (random.next() + random.next() - 1);
  }
  return inputs;
}

function open(noise: number): Promise<FeatureSpace> {
  return openFeatureSpace(clusters(noise), COUNT, { blocks: [{ name: 'top', start: 0, size: WIDTH }], yieldToEventLoop });
}

const labelled = (rows: readonly number[]) => ({ rows, labels: rows.map((row) => row % 3), classes: 3 });
const accuracy = (probabilities: Float32Array) =>
  Array.from({ length: COUNT }, (_, row) => Number(argMax(probabilities, row * 3, 3) === row % 3)).reduce((a, b) => a + b) /
  COUNT;

describe('the space of features', () => {
  it('keeps the products of standardized features', async () => {
    const { vectors, width, count } = await open(0.5);
    const squares = vectors.reduce((sum, value) => sum + value * value, 0) / count;
    expect(squares).toBeCloseTo(1, 3);
    expect(width).toBeLessThanOrEqual(WIDTH);
  });

  it('reads only the columns of whole maps', async () => {
    const inputs = clusters(0.5);
    const quarters = new Float32Array(COUNT * 2 * WIDTH).fill(Number.NaN);
    for (let row = 0; row < COUNT; row++) quarters.set(inputs.subarray(row * WIDTH, (row + 1) * WIDTH), (2 * row + 1) * WIDTH);
    const blocks = [
      { name: 'quarters', start: 0, size: WIDTH, isGrid: true },
      { name: 'top', start: WIDTH, size: WIDTH },
    ];
    expect(await openFeatureSpace(quarters, COUNT, { blocks, yieldToEventLoop })).toEqual(await open(0.5));
  });

  it('says that an image between the clusters has sparse surroundings', async () => {
    const inputs = clusters(0.1);
    inputs.fill(4, 0, 1);
    inputs.fill(-4, 1, WIDTH);
    const blocks = [{ name: 'top', start: 0, size: WIDTH }];
    const { density } = await openFeatureSpace(inputs, COUNT, { blocks, yieldToEventLoop });
    expect([...density.keys()].sort((a, b) => density[a]! - density[b]!)[0]).toBe(0);
  });
});

describe('fitLabelled', () => {
  it('labels all images of clear clusters by four labels of each', async () => {
    const { probabilities, leftOutCorrect } = await fitLabelled(
      await open(0.1),
      labelled(Array.from({ length: 12 }, (_, row) => row)),
    );
    expect(accuracy(probabilities)).toBe(1);
    expect(leftOutCorrect).toEqual(Array(12).fill(true));
    for (let row = 0; row < COUNT; row++)
      expect(probabilities[row * 3]! + probabilities[row * 3 + 1]! + probabilities[row * 3 + 2]!).toBeCloseTo(1, 5);
  });

  it('counts by leave-one-out what the fit to all other images predicts', async () => {
    const space = await open(1.6);
    const all = labelled(Array.from({ length: 30 }, (_, row) => row));
    const { leftOutCorrect } = await fitLabelled(space, all);
    const refit = async (row: number, i: number) => {
      const others = all.rows.filter((other) => other !== row);
      const { probabilities } = await fitLabelled(space, labelled(others));
      return argMax(probabilities, row * 3, 3) === all.labels[i];
    };
    const again = await Promise.all(all.rows.map(refit));
    // The refits choose their own strength, which may turn single images.
    const differing = again.filter((isCorrect, i) => isCorrect !== leftOutCorrect[i]).length;
    expect(differing).toBeLessThanOrEqual(3);
    expect(leftOutCorrect).toContain(false);
  });
});

describe('fitLabelled with many labels', () => {
  it('chooses strength and temperature on images of all classes, in whatever order they come', async () => {
    const random = randomStream(0, 'two');
    const inputs = Float32Array.from({ length: 1500 * WIDTH }, (_, i) => {
      const noise = 3 * (random.next() + random.next() - 1);
      return i % WIDTH === 0 ? noise + (Math.floor(i / WIDTH) < 750 ? 0 : 1) : noise;
    });
    const space = await openFeatureSpace(inputs, 1500, { blocks: [{ name: 'top', start: 0, size: WIDTH }], yieldToEventLoop });
    const isTested = (row: number) => row % 5 === 0;
    const every = Array.from({ length: 1500 }, (_, row) => row);
    const rows = every.filter((row) => !isTested(row));
    const { probabilities } = await fitLabelled(space, { rows, labels: rows.map((row) => Number(row >= 750)), classes: 2 });
    const losses = every.filter(isTested).map((row) => -Math.log(probabilities[row * 2 + Number(row >= 750)]!));
    expect(mean(losses)).toBeLessThan(Math.log(2));
  });
});

describe('fitLabelled, of many images', () => {
  it('lets other work of the process go on meanwhile', async () => {
    const random = randomStream(0, 'many');
    const count = 5000;
    const vectors = Float32Array.from({ length: count * WIDTH }, () => random.next() - 0.5);
    const space = { count, width: WIDTH, vectors, density: new Float32Array(count) };
    // None of the later ones has a label.
    const rows = Array.from({ length: count / 2 }, (_, row) => row);
    let [turns, isDone] = [0, false];
    const other = () => {
      turns++;
      if (!isDone) setImmediate(other);
    };
    setImmediate(other);
    await fitLabelled(space, { rows, labels: rows.map((row) => row % 50), classes: 50 });
    isDone = true;
    expect(turns).toBeGreaterThan(10);
  });
});

describe('drawSample', () => {
  it('keeps the shares of the classes, with at least one image of each', () => {
    const labels = Array.from({ length: 2000 }, (_, i) => (i < 3 ? 0 : 1 + (i % 2)));
    const rows = labels.map((_, i) => 10 * i);
    const sample = drawSample({ rows, labels, classes: 3 }, 500);
    expect(sample.rows.map((row) => labels[row / 10])).toEqual(sample.labels);
    expect(new Set(sample.rows).size).toBe(500);
    const counts = [0, 1, 2].map((label) => sample.labels.filter((each) => each === label).length);
    expect(counts[0]).toBe(1);
    expect(Math.abs(counts[1]! - counts[2]!)).toBeLessThanOrEqual(2);
  });

  it('draws any of more classes than fit, not the first ones', () => {
    const labels = Array.from({ length: 2000 }, (_, i) => i % 1000);
    const drawn = drawSample({ rows: [...labels.keys()], labels, classes: 1000 }, 500);
    expect(new Set(drawn.labels).size).toBe(500);
    const ofSecondHalf = drawn.labels.filter((label) => label >= 500).length;
    expect(ofSecondHalf).toBeGreaterThan(150);
    expect(ofSecondHalf).toBeLessThan(350);
  });
});

describe('chooseNext', () => {
  it('begins with one image of each kind', async () => {
    const space = await open(0.2);
    const candidates = Array.from({ length: COUNT }, (_, row) => row);
    const chosen = await chooseNext(space, undefined, { labelled: [], candidates, count: 3 });
    expect(new Set(chosen.map((row) => row % 3)).size).toBe(3);
  });

  it('asks about the class that is missing, and no image twice', async () => {
    const space = await open(0.2);
    const known = [0, 3, 6, 1, 4, 7];
    const candidates = Array.from({ length: COUNT }, (_, row) => row).filter((row) => !known.includes(row));
    const fit = await fitLabelled(space, { rows: known, labels: known.map((row) => row % 3), classes: 2 });
    const chosen = await chooseNext(space, fit, { labelled: known, candidates, count: 200 });
    expect(chosen[0]! % 3).toBe(2);
    expect([...chosen].sort((a, b) => a - b)).toEqual(candidates);
  });
});

describe('drawCandidates', () => {
  it('takes at most as many as are compared, of all kinds, and the same ones each time', () => {
    const rows = Array.from({ length: 10_000 }, (_, row) => row * 2);
    const drawn = drawCandidates(rows, 400);
    expect(new Set(drawn).size).toBe(400);
    expect(drawn.every((row) => row % 2 === 0 && row < 20_000)).toBe(true);
    expect(drawn.filter((row) => row < 10_000).length).toBeGreaterThan(150);
    expect(drawn.filter((row) => row < 10_000).length).toBeLessThan(250);
    expect(drawCandidates(rows, 400)).toEqual(drawn);
    expect(drawCandidates([3, 1], 400)).toEqual([3, 1]);
  });
});

describe('expectGain', () => {
  it('expects a gain where all labels are better than half of them, and none where they are not', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => row);
    const gainAt = async (noise: number) => {
      const space = await open(noise);
      const all = labelled(rows);
      return expectGain(space, all, (await fitLabelled(space, all)).leftOutCorrect);
    };
    expect(await gainAt(0.2)).toBeUndefined();
    const few = labelled(rows.slice(0, 20));
    const space = await open(0.2);
    expect(await expectGain(space, few, (await fitLabelled(space, few)).leftOutCorrect)).toBeUndefined();
    const found = await gainAt(1.2);
    expect(found?.labels).toBe(60);
    expect(found?.accuracy).toBeGreaterThan(0);
  });
});
