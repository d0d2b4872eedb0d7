import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownTrunk } from '../../../lib/backbones/own/own-trunk.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { lineageDigest } from '../../../lib/datasets/versions/lineage.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { readCard } from '../../../lib/models/model-package.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { runJob } from '../../support/run-job.ts';
import { photographs } from '../../support/weights/own-models.ts';
import { testWorld } from '../../support/world.ts';

const SIDE = 32;
const base: JobSpecInput = {
  name: 'base',
  dataset: 'trash',
  backbone: { inputSize: SIDE },
  freeze: { through: 'block7' },
  training: { epochs: 1, refit: false },
};

const { freeze: _, ...withoutFreeze } = base;

async function openWorld(spec: JobSpecInput) {
  const world = testWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  const result = await runJob(spec, world);
  return { world, result };
}

test('a fine-tuned version is the backbone of the next job, with its weights and its lineage', async () => {
  const { world, result } = await openWorld(base);
  const { store } = world;
  const { modelDigest } = await readCard(result, store);
  const next = await runJob(
    { name: 'next', dataset: 'trash', backbone: { name: 'model:base' }, strategy: 'feature-extraction' },
    world,
  );
  const card = await readCard(next, store);
  expect(card).toMatchObject({
    backbone: { name: 'own', inputSize: [SIDE, SIDE], weightsDigest: modelDigest, licence: 'Apache-2.0' },
    spec: { backbone: { own: { version: { ref: 'base@1' } } } },
    datasetLineage: lineageDigest([]),
  });

  // The features of two images differ, and their last linear layer is all that is left out of the graph.
  const { own, inputSize } = card.spec.backbone;
  if (own === undefined) throw new Error('no model');
  const trunk = await ownTrunk({ own, inputSize }, store);
  expect(trunk.featureShape).toEqual([1280]);
  const session = await openSession(trunk.onnx, { threads: 1 });
  const { data } = await session.run(photographs(2, [SIDE, SIDE]), [2, SIDE, SIDE, 3]);
  await session.close();
  expect(data.subarray(0, 1280)).not.toEqual(data.subarray(1280));

  const predictor = openPredictor(store, (bytes) => openSession(bytes, { threads: 1 }), openExplainerLazily);
  const bytes = await readFile(join(trashPhotographs, 'glass', (await readdir(join(trashPhotographs, 'glass')))[0] ?? ''));
  const { predictions } = await predictor.predict('next', [{ name: 'image', bytes }], 6);
  await predictor.close();
  expect(predictions[0]?.labels).toHaveLength(6);

  // Its layers train like those of a model of one's own.
  const tuned = await runJob(
    {
      name: 'tuned',
      dataset: 'trash',
      backbone: { name: 'model:base' },
      strategy: 'fine-tune-top',
      training: { epochs: 1, refit: false },
      fineTuning: { epochs: 1, blend: false },
    },
    world,
  );
  expect((await readCard(tuned, store)).spec.backbone.own?.version?.ref).toBe('base@1');

  // It may be the backbone of another job in turn, whose graph outlives it.
  const resolve = (backbone: JobSpecInput['backbone'], more: Partial<JobSpecInput> = {}) =>
    resolveSpec(JobSpec.parse({ name: 'third', dataset: 'trash', backbone, ...more }), store);
  await expect(resolve({ name: 'model:next@1' })).resolves.toMatchObject({ backbone: { own: { version: { ref: 'next@1' } } } });
  const again = await resolve({ name: 'model:base:latest' });
  expect(again.backbone.own?.version?.ref).toBe('base@1');
  await store.delete(`${result.package}model.onnx`);
  await expect(resolve(again.backbone)).resolves.toMatchObject({ backbone: again.backbone });
  await expect(ownTrunk({ own, inputSize }, store)).resolves.toMatchObject({ featureShape: [1280] });
});

test('what cannot be a backbone is refused before a job is made', async () => {
  const { world } = await openWorld({ ...withoutFreeze, strategy: 'stage-features' });
  const resolve = (backbone: JobSpecInput['backbone'], more: Partial<JobSpecInput> = {}) =>
    resolveSpec(JobSpec.parse({ name: 'next', dataset: 'trash', backbone, ...more }), world.store);
  await expect(resolve({ name: 'model:nobody' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  await expect(resolve({ name: 'model:base@7' })).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_FOUND' });
  await expect(resolve({ name: 'model:imagenet.vgg16' })).rejects.toMatchObject({ code: 'BACKBONE_MODEL_UNSUPPORTED' });
  await expect(resolve({ name: 'model:base', alpha: 1 })).rejects.toMatchObject({ code: 'BACKBONE_MODEL_UNSUPPORTED' });
  await expect(resolve({ name: 'model:base' }, { strategy: 'earlier-features' })).rejects.toMatchObject({
    code: 'OWN_MODEL_FROZEN',
  });
  const { backbone } = await resolve({ name: 'model:base' });
  const { own, inputSize } = backbone;
  if (own === undefined) throw new Error('no model');
  // A head on the features of all stages: these are the features of the next job.
  expect((await ownTrunk({ own, inputSize }, world.store)).featureShape[0]).toBeGreaterThan(1280);
  await world.store.put(`own-models/${own.sha256}`, new Uint8Array(3));
  await expect(ownTrunk({ own, inputSize }, world.store)).rejects.toMatchObject({ code: 'OWN_MODEL_DAMAGED' });
});
