import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobRecord, JobResult } from '../../../../lib/contracts/job.ts';
import { JobSpec, type JobSpecInput } from '../../../../lib/contracts/job-spec.ts';
import { BackbonePrecision } from '../../../../lib/contracts/precision.ts';
import { splitVersion } from '../../../../lib/datasets/splits/split-version.ts';
import { openDataset } from '../../../../lib/datasets/versions/dataset-store.ts';
import { resolveSpec } from '../../../../lib/estimates/resolve-spec.ts';
import { openExplainerLazily } from '../../../../lib/explanation/lazy-explainer.ts';
import { fineTune } from '../../../../lib/fine-tune.ts';
import { openServedModel } from '../../../../lib/inference/served-model.ts';
import { importSource } from '../../../../lib/library/import-source.ts';
import { readCard } from '../../../../lib/models/model-package.ts';
import { referenceFiles } from '../../../../lib/models/reference-files.ts';
import { repeatReferences } from '../../../../lib/models/reference-predictions.ts';
import { readOnnx } from '../../../../lib/models/served-package.ts';
import { decodeModel } from '../../../../lib/onnx/protobuf.ts';
import { openSession } from '../../../../lib/onnx/session.ts';
import type { MachineCache, World } from '../../../../lib/ports.ts';
import { createDocument } from '../../../../lib/store/documents.ts';
import { newId } from '../../../../lib/store/new-id.ts';
import { trashPhotographs } from '../../../support/graft.ts';
import { differenceOf, evaluatedImages, trunksOf, withTrunk } from '../../../support/models/served-scores.ts';
import { runJob } from '../../../support/run-job.ts';
import { testWorld } from '../../../support/world.ts';

const frozen: JobSpecInput = { name: 'trash', dataset: 'trash', backbone: { inputSize: 32 }, effort: 'fast' };
const int8: JobSpecInput = { ...frozen, backbone: { inputSize: 32, precision: 'int8' } };

/** A world with 60 photographs in 6 classes, and what was measured on its machine before. */
async function openWorld(known?: { readonly float32: number; readonly int8: number; readonly ratio: number }) {
  const written = new Map<string, unknown>();
  // Not the timings of engines.
  const isSpeed = (name: string) => name.startsWith('int8-');
  const opened = testWorld();
  const kept = known && { measuredAt: opened.clock.now().toISOString(), speeds: known };
  const machineCache: MachineCache = {
    read: async (name, schema) => (isSpeed(name) ? schema.safeParse(kept).data : undefined),
    async write(name, value) {
      if (isSpeed(name)) written.set(name, value);
    },
  };
  const world = { ...opened, machineCache };
  await importSource(trashPhotographs, world, { name: 'trash' });
  return { world, written };
}

async function cardOf(result: JobResult, { store }: Pick<World, 'store'>) {
  const card = await readCard(result, store);
  const types = new Set(decodeModel(await readOnnx(result.package, store)).graph.node.map(({ opType }) => opType));
  return { card, isQuantized: types.has('QuantizeLinear') };
}

/** Runs a job whose first attempt chose int8, and was interrupted then: whether int8 is better depends on the machine. */
async function runWithInt8(asked: JobSpecInput, world: World): Promise<JobResult> {
  const { store } = world;
  const spec = await resolveSpec(JobSpec.parse(asked), store);
  const dataset = await openDataset(spec.dataset, store);
  const { train } = await splitVersion(dataset, spec.split, spec.training.seed, store);
  const chosen: BackbonePrecision = {
    used: 'int8',
    reason: 'The first attempt found it faster.',
    processor: 'linux x64 avx512',
    calibrationImages: train.slice(0, 8).flatMap((row) => dataset.rows.at(row)?.sha256 ?? []),
    float32: { imagesPerSecond: 90 },
    int8: { imagesPerSecond: 150 },
  };
  const at = world.clock.now().toISOString();
  const id = newId('job', world.clock.now());
  const job: JobRecord = { id, state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 2 };
  const document = { schema: BackbonePrecision, key: (name: string) => `checkpoints/${id}/${name}.json` };
  await createDocument(store, document, 'precision', chosen);
  const { signal } = new AbortController();
  return fineTune(job, world, {
    report: () => {},
    flush: async () => {},
    beginPublishing: async (publication) => publication,
    signal,
  });
}

describe('a job that asks for int8', () => {
  test('measures speed and loss of both precisions, and uses int8 unless it is slower or worse', async () => {
    const { world, written } = await openWorld();
    const result = await runJob(int8, world);
    const { card, isQuantized } = await cardOf(result, world);
    const precision = card.backbonePrecision;
    expect(precision).toMatchObject({ calibrationImages: expect.any(Array), layers: 49 });
    expect(precision?.calibrationImages).toHaveLength(42);
    expect([...written.values()]).toEqual([
      {
        measuredAt: world.clock.now().toISOString(),
        speeds: {
          float32: precision?.float32.imagesPerSecond,
          int8: precision?.int8.imagesPerSecond,
          ratio: expect.any(Number),
        },
      },
    ]);
    expect(isQuantized).toBe(precision?.used === 'int8');
    expect(result.strategy.reason).toContain(precision?.reason);
    expect(Object.keys(result.strategy.evidence)).toEqual(
      expect.arrayContaining(['float32ImagesPerSecond', 'int8ImagesPerSecond']),
    );
  });

  test('compares heads on both where int8 is known to be faster, and says both losses', async () => {
    const { world, written } = await openWorld({ float32: 90, int8: 150, ratio: 1.7 });
    const result = await runJob(int8, world);
    const { card, isQuantized } = await cardOf(result, world);
    const { backbonePrecision: precision } = card;
    const { used, difference } = precision ?? {};
    expect(written, 'it is not timed again').toEqual(new Map());
    expect(difference).toMatchObject({ images: 42 });
    const { negativeLogLikelihood = 0, standardError = 0 } = difference ?? {};
    expect(used).toBe(negativeLogLikelihood > standardError ? 'float32' : 'int8');
    expect(isQuantized).toBe(used === 'int8');
    const losses = [precision?.int8.negativeLogLikelihood ?? 0, precision?.float32.negativeLogLikelihood ?? 0];
    expect((losses[0] ?? 0) - (losses[1] ?? 0)).toBeCloseTo(negativeLogLikelihood, 9);
    for (const loss of losses) expect(result.strategy.reason).toContain(loss.toFixed(4));
    expect(result.strategy.evidence).toMatchObject({ int8Loss: expect.any(Number), float32Loss: expect.any(Number) });
  });

  test('keeps float32 on a machine where int8 is known to be slower: its model is that of a job without int8', async () => {
    const { world } = await openWorld({ float32: 95, int8: 80, ratio: 0.84 });
    const plain = await cardOf(await runJob(frozen, world), world);
    const result = await runJob(int8, world);
    const { card } = await cardOf(result, world);
    expect(card.modelDigest).toBe(plain.card.modelDigest);
    expect(plain.card).not.toHaveProperty('backbonePrecision');
    expect(card.backbonePrecision).toMatchObject({ used: 'float32', calibrationImages: [] });
    expect(card.strategy.reason).toMatch(/80\.0 images a second in int8 and 95\.0 in float32/);
    expect(result.features, 'all features were cached').toMatchObject({ decoded: 0 });
  });
});

describe('a version with its backbone in int8', () => {
  test.each<[what: string, asked: Partial<JobSpecInput>]>([
    ['of all stages', { effort: 'fast' }],
    ['of the top', { strategy: 'feature-extraction', training: { epochs: 2 } }],
    ['of an earlier stage', { strategy: 'earlier-features', training: { epochs: 2 } }],
    ['of the flattened map', { strategy: 'feature-extraction', head: [{ layer: 'flatten' }], training: { epochs: 2 } }],
  ])('predicts what it was trained on: features %s', async (_, asked) => {
    const { world } = await openWorld();
    const { effort: __, ...base } = int8;
    const result = await runWithInt8({ ...base, ...asked }, world);
    const { card, isQuantized } = await cardOf(result, world);
    expect(isQuantized).toBe(true);
    expect(card).toMatchObject({ backbonePrecision: { used: 'int8' }, novelty: expect.anything() });
    const onnx = await readOnnx(result.package, world.store);
    const bytesOf = async (name: string) => (await world.store.get(`${result.package}${name}`))?.body ?? new Uint8Array();
    const files = { images: await bytesOf(referenceFiles.images), predictions: await bytesOf(referenceFiles.predictions) };
    expect(await repeatReferences(onnx, files)).toMatchObject({ images: 12, ok: true });

    const evaluated = await evaluatedImages(result.package, world.store);
    const trunks = await trunksOf(world.store);
    expect(await differenceOf(onnx, evaluated)).toBeLessThan(1e-4);
    const onFloat32 = withTrunk(onnx, trunks.int8, trunks.float32);
    expect(await differenceOf(onFloat32, evaluated), 'features in float32 are told from those in int8').toBeGreaterThan(1e-4);

    const folder = join(trashPhotographs, 'glass');
    const names = (await readdir(folder)).slice(0, 5);
    const images = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
    const served = await openServedModel({ card, onnx }, (bytes) => openSession(bytes, { threads: 1 }), {
      openExplainer: openExplainerLazily,
      readOnnx: async () => onnx,
    });
    const together = await served.predict(images, 6, { explain: {} });
    for (const [i, image] of images.entries()) {
      const [alone] = await served.predict([image], 6);
      const probabilityOf = new Map(alone?.labels.map(({ label, probability }) => [label, probability]));
      for (const { label, probability } of together[i]?.labels ?? [])
        expect(probability).toBeCloseTo(probabilityOf.get(label) ?? 2, 5);
    }
    await served.close();
  });

  test('can be the backbone of another job', async () => {
    const { world } = await openWorld();
    await runWithInt8(int8, world);
    const next = await runJob(
      {
        name: 'next',
        dataset: 'trash',
        backbone: { name: 'model:trash' },
        strategy: 'feature-extraction',
        training: { epochs: 2 },
      },
      world,
    );
    const { card } = await cardOf(next, world);
    expect(card.spec.backbone.own?.version?.ref).toBe('trash@1');
    expect(card.backbone.precision).toBe('int8');
    expect(card).not.toHaveProperty('backbonePrecision');
    // Its layers are in int8 already.
    const again = await runJob(
      {
        name: 'again',
        dataset: 'trash',
        backbone: { name: 'model:trash', precision: 'int8' },
        strategy: 'feature-extraction',
        training: { epochs: 2 },
      },
      world,
    );
    expect((await cardOf(again, world)).card.backbonePrecision).toMatchObject({
      used: 'int8',
      reason: 'The backbone computes in int8: its graph has int8 layers already.',
      calibrationImages: [],
    });
  });
});
