import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { sum } from '../../../lib/arithmetic.ts';
import type { JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { NoveltyThreshold } from '../../../lib/contracts/novelty.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { readCard } from '../../../lib/models/model-package.ts';
import { readOnnx } from '../../../lib/models/served-package.ts';
import { exportNovelty } from '../../../lib/onnx/export-novelty.ts';
import { summarizeOnnx } from '../../../lib/onnx/read-onnx.ts';
import { openSession } from '../../../lib/onnx/session.ts';
import { learnNovelty } from '../../../lib/pipeline/learn-novelty.ts';
import { prepareExamples } from '../../../lib/pipeline/prepare-examples.ts';
import { requireScores } from '../../../lib/reports/read-scores.ts';
import { withoutGrids } from '../../../lib/training/closed-form/feature-block.ts';
import { gatherColumns } from '../../../lib/training/examples.ts';
import { noveltyScores } from '../../../lib/training/novelty/novelty-scores.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { runJob } from '../../support/run-job.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { trashTraining } from '../../support/training-context.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

const small: JobSpecInput = {
  name: 'trash',
  dataset: 'trash',
  backbone: { inputSize: 64 },
  strategy: 'stage-features',
  split: { train: 0.6, validation: 0.2, test: 0.2 },
  training: { epochs: 3, batchSize: 16 },
};

async function trained(more: Partial<JobSpecInput> = {}) {
  const world = testWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  const result = await runJob({ ...small, ...more }, world);
  return { world, result, card: await readCard(result, world.store), onnx: await readOnnx(result.package, world.store) };
}

test('a trained model tells an image unlike its own, and its card says how', async () => {
  const { world, result, card, onnx } = await trained();
  expect(card.novelty).toMatchObject({ rate: 0.05, images: 48, expectedShare: 1 - 47 / 49 });
  const { novelty = [] } = await requireScores(result, world.store);
  const { threshold, testShare } = NoveltyThreshold.parse(card.novelty);
  expect(novelty).toHaveLength(12);
  expect([...novelty].filter((score) => score > threshold).length / 12).toBe(testShare);
  expect(summarizeOnnx(onnx).outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['probabilities', ['N', 6]],
    ['novelty', ['N']],
  ]);
  const noise = sharp(
    Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251),
    {
      raw: { width: 64, height: 64, channels: 3 },
    },
  );
  const predictor = openPredictor(world.store, (bytes) => openSession(bytes, { threads: 1 }), openExplainerLazily);
  const { predictions } = await predictor.predict('trash', [{ name: 'noise', bytes: await noise.png().toBuffer() }], 1);
  await predictor.close();
  expect(predictions).toMatchObject([{ image: 'noise', known: false, unknownScore: expect.any(Number) }]);
});

test('a job without it makes a model without it', async () => {
  const { card, onnx } = await trained({ novelty: null });
  expect(card).not.toHaveProperty('novelty');
  expect(summarizeOnnx(onnx).outputs.map(({ name }) => name)).toEqual(['probabilities']);
});

describe('the features of a cut', () => {
  test('as maps are averaged', async () => {
    const context = await trashTraining({});
    const prepared = await prepareExamples({ layer: 'block6a_project_bn' }, undefined, context);
    const found = await learnNovelty(prepared, context);
    const channels = prepared.trunk.featureShape.at(-1);
    expect(found).toMatchObject({ mean: { length: channels }, record: { images: 54, testShare: expect.any(Number) } });
    await prepared.close();
  });

  test('that carry the vectors of the stages count only these, in the served graph too', async () => {
    const context = await trashTraining({});
    const prepared = await prepareExamples({ layer: 'block6a_project_bn' }, undefined, context, { withStages: true });
    const found = await learnNovelty(prepared, context);
    if (found === undefined || 'omitted' in found) throw new Error('no score');
    const size = sum(withoutGrids(prepared.trunk.blocks ?? []).map((block) => block.size));
    expect(found.mean).toHaveLength(size);
    const { inputs } = await prepared.examples.test.gather([0, 1]);
    const session = await openSession(exportNovelty(found, prepared.trunk.featureShape, 'novelty'), { threads: 1 });
    const [width = 0] = prepared.trunk.featureShape;
    const expected = noveltyScores(gatherColumns(inputs, width, { start: width - size, size }), 2, found);
    const { data } = await session.run(inputs, [2, width]);
    for (const [row, score] of expected.entries()) expect(data[row]).toBeCloseTo(score, 3);
    await session.close();
    await prepared.close();
  });

  test('of a backbone that was trained on the images have no score, and say why', async () => {
    const context = { ...(await trashTraining({})), seenByBackbone: 9 };
    const prepared = await prepareExamples({ layer: 'block6a_project_bn' }, undefined, context);
    const omitted = 'The backbone was trained on 9 of the images, so their features are unlike others.';
    expect(await learnNovelty(prepared, context)).toEqual({ rate: 0.05, omitted });
    await prepared.close();
  });

  test('before the first layer have no score, and say why', async () => {
    const context = await trashTraining({ training: { epochs: 1 } });
    const prepared = await prepareExamples('images', undefined, context);
    expect(await learnNovelty(prepared, context)).toEqual({ rate: 0.05, omitted: expect.stringContaining('All layers') });
    await prepared.close();
  });
});
