import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { FeatureSet } from '../../../lib/features/feature-set.ts';
import { chooseReferences, suspectLabels } from '../../../lib/features/suspect-labels.ts';
import { type RandomStream, randomStream } from '../../../lib/random.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';

const SIZE = 16;

beforeAll(async () => void (await startTensorFlow()));

describe('suspectLabels', () => {
  it('finds images among those of another class, names that class, and shows the nearest there', async () => {
    const { features, dataset } = clouds([60, 60, 60], { 3: 1, 70: 2, 150: 0 });
    const { checked, found, suspects } = (await suspectLabels(features, dataset))!;
    expect({ checked, found }).toEqual({ checked: 180, found: 3 });
    expect(new Map(suspects.map(({ path, label, suggested }) => [path, `${label} -> ${suggested}`]))).toEqual(
      new Map([
        ['3', 'b -> a'],
        ['70', 'c -> b'],
        ['150', 'a -> c'],
      ]),
    );
    for (const { suggested, agreement, neighbours } of suspects) {
      expect(agreement).toBeGreaterThan(0.7);
      expect(neighbours).toHaveLength(3);
      for (const neighbour of neighbours) expect(neighbour.label).toBe(suggested);
    }
  });

  it('suspects no label that a person has confirmed', async () => {
    const { features, dataset } = clouds([60, 60, 60], { 3: 1, 70: 2, 150: 0 });
    const rows = dataset.rows.map((row) => (row.path === '70' ? { ...row, confirmed: true as const } : row));
    const report = await suspectLabels(features, { ...dataset, rows });
    expect(report?.suspects.map(({ path }) => path).sort()).toEqual(['150', '3']);
  });

  it('suspects no image of a clean data set, and none of a class that is too small for ten neighbours', async () => {
    const { features, dataset } = clouds([300, 300, 4]);
    expect(await suspectLabels(features, dataset)).toEqual({ checked: 604, found: 0, suspects: [] });
  });

  it('leaves a class alone whose images do not find each other', async () => {
    const { features, dataset } = clouds([100, 100]);
    const random = randomStream(3, 'scattered');
    const targets = dataset.targets.map((target) => (random.integer(10) === 0 ? [2] : target));
    const report = await suspectLabels(features, { ...dataset, targets });
    expect(report?.suspects.filter(({ label }) => label === 'c')).toEqual([]);
  });

  it('averages maps over height and width', async () => {
    const vectors = clouds([40, 40], { 5: 1 });
    const map: FeatureSet = {
      ...vectors.features,
      shape: [1, 2, SIZE / 2],
      gather: async (rows) => Float32Array.from(await vectors.features.gather(rows)),
    };
    expect((await suspectLabels(map, vectors.dataset))?.suspects.map(({ path }) => path)).toEqual(['5']);
  });

  it.each([
    [[16], 604],
    // Flattened features of resnet50, and maps that are averaged: 64 MiB at once.
    [[100_352], 167],
    [[7, 7, 2048], 167],
    [[2 ** 25], 1],
  ])('reads features of shape %j %i at a time', async (shape, expected) => {
    const { features, dataset } = clouds([300, 300, 4]);
    const enough = new Error('enough');
    const gather = vi.fn().mockRejectedValue(enough);
    await expect(suspectLabels({ ...features, shape, gather }, dataset)).rejects.toBe(enough);
    expect(gather.mock.lastCall?.[0]).toHaveLength(expected);
  });

  it('says nothing of images with several labels, nor of a handful', async () => {
    const { features, dataset } = clouds([30, 30]);
    expect(await suspectLabels(features, { ...dataset, task: 'multi-label' })).toBeUndefined();
    const few = clouds([9, 9]);
    expect(await suspectLabels(few.features, few.dataset)).toBeUndefined();
  });

  it('stops when asked to, and leaves no tensor behind', async () => {
    const { features, dataset } = clouds([30, 30]);
    const before = tf.memory().numTensors;
    await expect(suspectLabels(features, dataset, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await suspectLabels(features, dataset);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the images to compare with', () => {
  const labelsOf = (sizes: readonly number[]) =>
    Int32Array.from(sizes.flatMap((size, label) => new Array<number>(size).fill(label)));

  it.each([
    ['all, if they are few', [10_000, 10_000], 20_000, 10_000],
    ['all of a small class, and a sample of a large one', [30_000, 60], 20_000, 60],
    ['at most 20,000 of 1,000 classes', new Array<number>(1000).fill(110), 20_000, 20],
    ['ten of each class, if there are more than 2,000', new Array<number>(3000).fill(12), 30_000, 10],
  ])('are %s', (_, sizes, expected, ofLast) => {
    const labels = labelsOf(sizes);
    const references = chooseReferences(labels, 'sha256-0');
    expect(references).toHaveLength(expected);
    expect(references.filter((row) => labels[row] === sizes.length - 1)).toHaveLength(ofLast);
    expect(chooseReferences(labels, 'sha256-0')).toEqual(references);
  });
});

/** Classes as clouds around directions of their own. @param wrong the class that a row is said to be of */
function clouds(sizes: readonly number[], wrong: Readonly<Record<number, number>> = {}) {
  const random = randomStream(7, 'clouds');
  const centres = sizes.map(() => Array.from({ length: SIZE }, () => normal(random)));
  const classes = sizes.flatMap((size, label) => new Array<number>(size).fill(label));
  const data = classes.map((label) => centres[label]!.map((value) => 3 + value + 0.3 * normal(random)));
  const features: FeatureSet = {
    shape: [SIZE],
    count: data.length,
    gather: async (rows) => Float32Array.from(rows.flatMap((row) => data[row]!)),
    close: async () => {},
  };
  const dataset = {
    digest: 'sha256-0',
    labels: ['a', 'b', 'c'],
    task: 'single-label' as const,
    rows: data.map((_, row) => ({ path: String(row), sha256: '', labels: [], width: 1, height: 1 })),
    targets: classes.map((label, row) => [wrong[row] ?? label]),
  };
  return { features, dataset };
}

/** Box and Muller. */
function normal(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
