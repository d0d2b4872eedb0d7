import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { estimateJob } from '../../../lib/estimates/estimate-job.ts';
import { firstPassSeconds } from '../../../lib/estimates/first-pass.ts';
import { instances } from '../../../lib/estimates/machine-speeds.ts';
import { estimatePlan } from '../../../lib/estimates/plan-job.ts';
import { findStoredFeatures } from '../../../lib/estimates/stored-features.ts';
import type { StoredImagesOf } from '../../../lib/estimates/stored-images.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { firstTrunkEnd } from '../../../lib/features/first-trunk-end.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { datasetReport } from '../../support/datasets/dataset-report.ts';
import { enterRows, range, shaOf } from '../../support/datasets/put-dataset.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { putFeatures, type ShardOfImages } from '../../support/put-features.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

const STAGES = { cut: 'stages', pooling: undefined } as const;
const drawn = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32] as [number, number], weights: 'none' };

function specOf(more: Partial<JobSpecInput> = {}): JobSpec {
  return JobSpec.parse({ name: 'flowers', dataset: 'flowers', task: 'single-label', effort: 'fast', ...more });
}

/** A data set of 600 images, and shards of the features of all stages, each of some images. */
async function storeWith(shards: readonly ShardOfImages[]) {
  const world = testWorld();
  const rowOf = (image: number) => ({ path: `a/${image}.png`, sha256: shaOf(image), labels: ['a'], width: 1, height: 1 });
  await enterRows('flowers', range(0, 600).map(rowOf), world);
  await putFeatures({ backbone: drawn, end: STAGES }, shards, world.store);
  return world;
}

describe('the stored features of a job', () => {
  test.each([
    ['nothing', [], { squeezed: 0, cropped: 0 }],
    ['all images', [{ images: range(0, 300) }, { images: range(300, 600) }], { squeezed: 600, cropped: 0 }],
    ['some images', [{ images: range(0, 150) }], { squeezed: 150, cropped: 0 }],
    ['images of other data sets as well', [{ images: range(450, 900) }], { squeezed: 150, cropped: 0 }],
    ['cropped images', [{ images: range(0, 256), crops: true }], { squeezed: 0, cropped: 256 }],
    [
      'images by two kinds of processors, which never train together',
      [{ images: range(0, 300) }, { images: range(300, 500), processor: 'arm' }],
      { squeezed: 300, cropped: 0 },
    ],
  ])('are counted where the store has %s', async (_, shards, expected) => {
    const world = await storeWith(shards);
    const storedOf = await findStoredFeatures(specOf({ backbone: drawn }), datasetReport(600), world);
    expect(storedOf(drawn, STAGES)).toEqual(expected);
    expect(storedOf({ ...drawn, alpha: 0.5 }, STAGES)).toEqual({ squeezed: 0, cropped: 0 });
  });

  test('are found for each backbone that a job compares, and for the trials of a search', async () => {
    const world = await storeWith([{ images: range(0, 256) }]);
    const found = async (more: Partial<JobSpecInput>) =>
      (await findStoredFeatures(specOf(more), datasetReport(600), world))(drawn, STAGES).squeezed;
    expect(await found({ backbone: { name: 'auto', candidates: [{ name: 'vgg16', weights: 'none' }, drawn] } })).toBe(256);
    const search = { over: { head: ['linear', 'mlp'] } };
    expect(await found({ backbone: drawn, effort: 'auto', strategy: 'stage-features', search })).toBe(256);
  });
});

test('an estimate counts features as missing if their shard goes between its listing and its reading, and says so', async () => {
  const world = await storeWith([{ images: range(0, 256) }, { images: range(0, 256), crops: true }]);
  const lost = watchedStore(world.store, async (_, name, [key]) => {
    if (name === 'getRange') await world.store.delete(String(key));
  });
  const storedOf = await findStoredFeatures(specOf({ backbone: drawn }), datasetReport(600), { ...world, store: lost });
  expect(storedOf(drawn, STAGES)).toEqual({ squeezed: 0, cropped: 0 });
  expect(world.events).toEqual(['features.not-counted']);
});

test('an estimate reads a limited number of shards of all its backbones', async () => {
  const world = await storeWith(range(0, 700).map(() => ({ images: [0] })));
  const other = { ...drawn, alpha: 0.5 };
  await putFeatures(
    { backbone: other, end: STAGES },
    range(0, 700).map(() => ({ images: [1] })),
    world.store,
  );
  const reads = new Set<string>();
  const store = watchedStore(world.store, async (_, name, [key]) => {
    if (name === 'getRange') reads.add(String(key));
  });
  const spec = specOf({ backbone: { name: 'auto', candidates: [drawn, other] } });
  const storedOf = await findStoredFeatures(spec, datasetReport(600), { ...world, store });
  expect([drawn, other].map((backbone) => storedOf(backbone, STAGES).squeezed)).toEqual([1, 0]);
  expect(reads.size).toBe(700);
});

describe('a second job', () => {
  useTensorFlow();

  test('finds the features that the first one computed, and takes the time of the rest', async () => {
    const world = testWorld();
    const { store } = world;
    const pixel = (i: number) => ({ r: 9 * i, g: 200 - 9 * i, b: i });
    const draw = (i: number) =>
      sharp({ create: { width: 40, height: 40, channels: 3, background: pixel(i) } })
        .png()
        .toBuffer();
    const bytes = await Promise.all(range(0, 20).map(async (i) => [`${i % 2 ? 'a' : 'b'}/${i}.png`, await draw(i)] as const));
    const files = await uploadBytes(store, Object.fromEntries(bytes));
    await importStored({ name: 'flowers', files }, world);
    const wanted = specOf({ backbone: drawn });
    const { spec, estimate: first } = await estimatePlan(wanted, world);
    expect(first.cachedFeatures).toBeUndefined();

    const { rows } = await openDataset(spec.dataset, store);
    const images = rows.map(({ sha256 }) => sha256);
    const extract = async (some: readonly string[]) => {
      const trunk = await openTrunk(spec.backbone, firstTrunkEnd(spec, 14), store);
      const options = { store, signal: new AbortController().signal, onProgress: () => {} };
      await (await extractFeatures(trunk, some, options)).features.close();
    };
    await extract(images.slice(0, 10));
    const { estimate: half } = await estimatePlan(wanted, world);
    expect(half.cachedFeatures).toBe(0.5);
    expect(half.range?.expected).toBeLessThan(first.range?.expected ?? 0);
    await extract(images);
    const { estimate: second } = await estimatePlan(wanted, world);
    expect(second.cachedFeatures).toBe(1);
    expect(second.range?.expected).toBeLessThan(half.range?.expected ?? 0);
    expect(second.parts.find(({ part }) => part === 'features')?.seconds).toBe(0);
  });
});

describe('with the features of all images in the store', () => {
  const report = datasetReport(120_000);
  const all: StoredImagesOf = () => ({ squeezed: 120_000, cropped: 120_000 });
  const spec = specOf({
    strategy: 'feature-extraction',
    training: { epochs: 2 },
    backbone: { name: 'resnet50', inputSize: 224 },
  });

  test('a job of many images runs in a function, which could not compute them', () => {
    expect(() => estimateJob(spec, report, { targets: ['lambda'] })).toThrow(
      expect.objectContaining({ code: 'COMPUTE_TARGET_INCOMPATIBLE' }),
    );
    expect(estimateJob(spec, report, { targets: ['lambda', 'gpu'] }).target).toBe('gpu');
    expect(estimateJob(spec, report, { targets: ['lambda'], storedOf: all }).target).toBe('lambda');
    expect(estimateJob(spec, report, { targets: ['lambda', 'gpu'], storedOf: all }).target).toBe('lambda');
  });

  test('limits count what is left, and no other machine has anything to extract', () => {
    const available = { targets: ['gpu'] as const };
    const [first, second] = [estimateJob(spec, report, available), estimateJob(spec, report, { ...available, storedOf: all })];
    expect(second.seconds).toBeLessThan(first.seconds / 2);
    expect(second.dollars).toBeLessThan((first.dollars ?? 0) / 2);
    expect(firstPassSeconds(spec, report, instances['g6.xlarge'], all)).toBe(0);
  });

  describe('of one way to fit images to the input', () => {
    const wide = { ...report, sizes: { ...report.sizes, width: { smallest: 400, median: 600, largest: 800 } } };
    const [squeezed, cropped]: StoredImagesOf[] = [
      () => ({ squeezed: 120_000, cropped: 0 }),
      () => ({ squeezed: 400, cropped: 120_000 }),
    ];
    const featuresOf = (of: JobSpec, storedOf?: StoredImagesOf) => {
      const { parts, range } = estimateJob(of, wide, { targets: ['gpu'], storedOf });
      return { upper: parts.find(({ part }) => part === 'features')?.seconds ?? 0, expected: range?.expected ?? 0 };
    };

    test('a job that squeezes its images computes features of which only cropped ones are stored', () => {
      const first = featuresOf(spec);
      // But its graph is stored.
      expect(featuresOf(spec, cropped).upper).toBeGreaterThan(0.99 * first.upper);
      expect(featuresOf(spec, cropped).expected).toBeGreaterThan(0.99 * first.expected);
      expect(featuresOf(spec, squeezed)).toMatchObject({ upper: 0 });
      const crops = { ...spec, backbone: { ...spec.backbone, cropToAspectRatio: true } };
      expect(featuresOf(crops, cropped)).toMatchObject({ upper: 0 });
      expect(featuresOf(crops, squeezed).upper).toBeGreaterThan(0.99 * first.upper);
    });

    test.each([
      ['a job', {}],
      ['a search over strategies', { search: { over: { strategy: ['feature-extraction'] } } }],
    ] as const)('%s that compares crops may choose the other way: the upper end has the whole pass', (_, more) => {
      const { strategy: __, ...rest } = { ...spec, ...more };
      const auto = specOf(JSON.parse(JSON.stringify({ ...rest, effort: 'auto' })));
      const first = featuresOf(auto);
      for (const storedOf of [squeezed, cropped]) expect(featuresOf(auto, storedOf).upper).toBeGreaterThan(0.9 * first.upper);
      expect(featuresOf(auto, all).upper).toBeLessThan(0.5 * first.upper);
    });
  });

  test('other machines have the whole pass to extract if some images lack features: a training of another kind computes all', () => {
    const most: StoredImagesOf = () => ({ squeezed: 114_000, cropped: 0 });
    const first = firstPassSeconds(spec, report, instances['g6.xlarge']);
    expect(firstPassSeconds(spec, report, instances['g6.xlarge'], most)).toBeGreaterThan(0.99 * first);
  });

  test('an image that lacks them counts as one that others share: the upper end has the whole pass', () => {
    const some: StoredImagesOf = () => ({ squeezed: 119_999, cropped: 0 });
    const available = { targets: ['gpu'] as const };
    const [first, second] = [estimateJob(spec, report, available), estimateJob(spec, report, { ...available, storedOf: some })];
    expect(second.seconds).toBeGreaterThan(0.99 * first.seconds);
    expect(second.range?.expected).toBeLessThan(0.5 * (first.range?.expected ?? 0));
  });
});
