import sharp from 'sharp';
import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { splitVersion } from '../../../lib/datasets/splits/split-version.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import { fixLineage } from '../../../lib/datasets/versions/fixed-lineage.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { writePackage } from '../../../lib/models/model-package.ts';
import { publishVersion } from '../../../lib/models/registry.ts';
import { checkHeldOut, type SeenByBackbone } from '../../../lib/pipeline/check-held-out.ts';
import type { World } from '../../../lib/ports.ts';
import { folderOf, imageNumber } from '../../support/datasets/import-files.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';
import { testWorld } from '../../support/world.ts';

const IMAGES = 20;
const images = await Promise.all(Array.from({ length: IMAGES }, (_, number) => imageNumber(number)));
const shares = { train: 0.6, validation: 0.2, test: 0.2 };
const tuned = { name: 'fine-tune-top', cut: 'top', reason: 'Asked for.', evidence: {} };

/** A world with a data set of two classes. */
async function worldWith(name: string, files = images): Promise<World> {
  const world = testWorld();
  const folder = folderOf(Object.fromEntries(files.map((bytes, i) => [`${i % 2}/${i}.png`, bytes])));
  await importSource(folder, world, { name });
  return world;
}

/** Publishes a version of a model. @param backbone the reference of the version on which it builds */
async function publish(
  world: World,
  name: string,
  {
    dataset = 'flowers',
    strategy = tuned,
    backbone,
    head = 'linear',
  }: Partial<Pick<ModelCard, 'strategy'>> & { dataset?: string; backbone?: string; head?: JobSpecInput['head'] },
): Promise<void> {
  const { digest } = await openDataset(dataset, world.store);
  const ref = `${dataset}@${digest}`;
  const card = cardFor(drawScores({ task: 'single-label', count: 12, classes: 2, seed: 1 }), ['0', '1'], {
    model: name,
    datasetLineage: await fixLineage(ref, world.store),
    strategy,
    spec: JobSpec.parse({
      name,
      dataset: ref,
      split: shares,
      training: { seed: 1 },
      head,
      ...(backbone && { backbone: on(backbone) }),
    }),
  });
  const { metrics } = card;
  const seconds = { features: 1, train: 1, evaluate: 1, total: 3 };
  const result = { model: name, strategy, metrics, seconds, features: { cached: 0, decoded: 12 }, runtime: 'onnx', bestEpoch: 1 };
  const written = await writePackage({ card, onnx: new Uint8Array(1), history: [], result }, 1, world.store);
  const at = { job: card.job, createdAt: card.createdAt, dataset: ref, backbone: 'efficientnet_lite0' };
  await publishVersion(name, { ...written, ...at }, world.store);
}

function on(ref: string): JobSpecInput['backbone'] {
  return { name: 'own', own: { sha256: 'a'.repeat(64), version: { ref } } };
}

/** Checks a job on a version. @param seed of its split */
async function check(world: World, ref: string, { dataset: name = 'flowers', seed = 1 } = {}): Promise<SeenByBackbone> {
  const dataset = await openDataset(name, world.store);
  const split = await splitVersion(dataset, shares, seed, world.store);
  const spec = JobSpec.parse({ name: 'next', dataset: name, split: shares, training: { seed }, backbone: on(ref) });
  return checkHeldOut(spec, { dataset, split }, world);
}

test('with the seed and shares of its backbone, a job keeps its test images, and trains on those of the backbone', async () => {
  const world = await worldWith('flowers');
  await publish(world, 'base', {});
  expect(await check(world, 'base@1')).toBe(IMAGES * 0.8);
});

test('with another seed, a job is refused: the fix is that of the backbone', async () => {
  const world = await worldWith('flowers');
  await publish(world, 'base', {});
  await expect(check(world, 'base@1', { seed: 2 })).rejects.toMatchObject({
    code: 'BACKBONE_TRAINED_ON_TEST',
    received: expect.stringMatching(/^[1-4] that it was$/),
    fix: expect.stringContaining('training.seed 1, and split 0.6, 0.2 and 0.2'),
  });
});

test('another data set with the same images is refused, and one without them is not', async () => {
  const world = await worldWith('flowers');
  await publish(world, 'base', {});
  const copies = folderOf(Object.fromEntries(images.map((bytes, i) => [`${i % 2}/copy-${i}.png`, bytes])));
  await importSource(copies, world, { name: 'copies' });
  await expect(check(world, 'base@1', { dataset: 'copies', seed: 3 })).rejects.toMatchObject({
    code: 'BACKBONE_TRAINED_ON_TEST',
    fix: expect.stringContaining('manifest'),
  });
  const others = await Promise.all(images.map((_, i) => imageNumber(100 + i)));
  await importSource(folderOf(Object.fromEntries(others.map((bytes, i) => [`${i % 2}/${i}.png`, bytes]))), world, {
    name: 'others',
  });
  expect(await check(world, 'base@1', { dataset: 'others' })).toBe(0);
});

test('another data set with the same pictures in other bytes is refused, too', async () => {
  const world = await worldWith('flowers');
  await publish(world, 'base', {});
  const again = await Promise.all(images.map((bytes) => sharp(bytes).png({ compressionLevel: 0 }).toBuffer()));
  expect(again.filter((bytes, i) => bytes.equals(images[i] ?? bytes))).toEqual([]);
  await importSource(folderOf(Object.fromEntries(again.map((bytes, i) => [`${i % 2}/${i}.png`, bytes]))), world, {
    name: 'again',
  });
  await expect(check(world, 'base@1', { dataset: 'again' })).rejects.toMatchObject({
    code: 'BACKBONE_TRAINED_ON_TEST',
    expected: 'test images that base@1 was not trained on, in these or other bytes',
  });
});

test('a version is checked by the ancestors with which its split began', async () => {
  const world = await worldWith('flowers', images.slice(0, 10));
  const folder = folderOf(Object.fromEntries(images.map((bytes, i) => [`${i % 2}/${i}.png`, bytes])));
  await importSource(folder, world, { name: 'flowers' });
  await publish(world, 'base', {});
  expect(await check(world, 'base@1')).toBe(IMAGES * 0.8);

  // The same images are a first version now.
  await deleteDataset('flowers', world);
  await importSource(folder, world, { name: 'flowers' });
  const logged: unknown[] = [];
  expect(await check({ ...world, log: (...entry) => logged.push(entry) }, 'base@1')).toBe('unknown');
  expect(logged).toEqual([['split.unchecked', { backbone: 'base@1', code: 'SPLIT_UNAVAILABLE' }]]);
});

test.each<[head: JobSpecInput['head']]>([['linear'], ['cosine'], [[{ layer: 'globalAveragePool' }, { layer: 'output' }]]])(
  'the head %j on frozen features leaves the features as they were',
  async (head) => {
    const world = await worldWith('flowers');
    await publish(world, 'base', { strategy: { ...tuned, name: 'feature-extraction' }, head });
    expect(await check(world, 'base@1', { seed: 2 })).toBe(0);
  },
);

test.each<[head: JobSpecInput['head']]>([['mlp'], [[{ layer: 'globalAveragePool' }, { layer: 'dense', units: 4 }]]])(
  'the head %j on frozen features makes features of its own',
  async (head) => {
    const world = await worldWith('flowers');
    await publish(world, 'base', { strategy: { ...tuned, name: 'feature-extraction' }, head });
    await expect(check(world, 'base@1', { seed: 2 })).rejects.toMatchObject({ code: 'BACKBONE_TRAINED_ON_TEST' });
  },
);

test('the versions on which a backbone builds count, too', async () => {
  const world = await worldWith('flowers');
  await publish(world, 'first', {});
  await publish(world, 'second', { backbone: 'first@1', strategy: { ...tuned, name: 'feature-extraction' } });
  await expect(check(world, 'second@1', { seed: 2 })).rejects.toMatchObject({
    code: 'BACKBONE_TRAINED_ON_TEST',
    expected: expect.stringContaining('first@1'),
  });
});

test('a version whose data set was deleted cannot be checked, so nobody knows what it was trained on', async () => {
  const world = await worldWith('flowers');
  await publish(world, 'base', {});
  await importSource(folderOf(Object.fromEntries(images.map((bytes, i) => [`${i % 2}/${i}.png`, bytes]))), world, {
    name: 'same',
  });
  await deleteDataset('flowers', world);
  const logged: unknown[] = [];
  expect(await check({ ...world, log: (...entry) => logged.push(entry) }, 'base@1', { dataset: 'same', seed: 2 })).toBe(
    'unknown',
  );
  expect(logged).toEqual([['split.unchecked', expect.objectContaining({ backbone: 'base@1' })]]);
});
