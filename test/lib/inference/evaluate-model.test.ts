import { describe, expect, test } from 'vitest';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { importUpload } from '../../../lib/datasets/import-upload.ts';
import { checkEvaluation } from '../../../lib/inference/check-evaluation.ts';
import { digestOf } from '../../../lib/models/served-package.ts';
import type { World } from '../../../lib/ports.ts';
import { picture } from '../../support/api.ts';
import { publishColours } from '../../support/published-colours.ts';
import { rewriteCard } from '../../support/rewrite-card.ts';
import { runEvaluation } from '../../support/run-evaluation.ts';
import { uploadBytes } from '../../support/upload.ts';
import { testWorld } from '../../support/world.ts';

const evaluate = (world: World) => runEvaluation({ name: 'colours', version: 1, dataset: 'colours' }, world);

describe('an evaluation', () => {
  test('has the metrics of all images of the data set', async () => {
    const world = testWorld();
    await publishColours(world);
    const { metrics } = await evaluate(world);
    expect(metrics.perClass.map(({ label, support }) => [label, support])).toEqual([
      ['crimson', 20],
      ['royalblue', 20],
    ]);
  });

  test('refuses images with several labels for a single-label model, as its submission does', async () => {
    const world = testWorld();
    await publishColours(world);
    const bytes = await picture({ background: 'crimson' });
    const manifest = new TextEncoder().encode('path,labels\na.png,crimson|royalblue\n');
    const files = await uploadBytes(world.store, { 'a.png': bytes, 'manifest.csv': manifest });
    await importUpload({ ...world, files, name: 'both', maxRefused: 0 });
    const spec = { name: 'colours', version: 1, dataset: 'both' };
    const refusal = { code: 'TASK_INCOMPATIBLE', at: 'dataset', received: 'images with several labels or none, in both' };
    await expect(runEvaluation(spec, world)).rejects.toMatchObject(refusal);
    await expect(checkEvaluation(spec, world.store)).rejects.toMatchObject(refusal);
    await checkEvaluation({ ...spec, dataset: 'colours' }, world.store);
  });

  test('refuses a graph whose weights changed by one bit', async () => {
    const world = testWorld();
    const { onnx, prefix } = await publishColours(world);
    const damaged = Uint8Array.from(onnx);
    const weight = Math.floor(damaged.length / 2);
    damaged[weight] = (damaged[weight] ?? 0) ^ 1;
    await world.store.put(`${prefix}model.onnx`, damaged);
    await expect(evaluate(world)).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_DAMAGED',
      at: `${prefix}model.onnx`,
      fix: 'graft verify colours@1 checks all files',
    });
  });

  test('names the first image for which the model computes no number', async () => {
    const world = testWorld();
    const { onnx, prefix } = await publishColours(world);
    const damaged = Buffer.from(onnx);
    // A weight of the head.
    damaged.writeFloatLE(Number.NaN, damaged.indexOf(Buffer.from(Float32Array.of(0.1).buffer)));
    await world.store.put(`${prefix}model.onnx`, damaged);
    await rewriteCard(world.store, 'colours', (card: ModelCard) => ({ ...card, modelDigest: digestOf(damaged) }));
    await expect(evaluate(world)).rejects.toMatchObject({
      code: 'PREDICTION_NOT_FINITE',
      at: expect.stringMatching(/^blobs\//),
      received: 'NaN',
    });
  });

  test('refuses labels that are not as many as the probabilities', async () => {
    const world = testWorld();
    await publishColours(world);
    await rewriteCard(world.store, 'colours', (card: ModelCard) => ({ ...card, labels: [...card.labels, 'one more'] }));
    await expect(evaluate(world)).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_DAMAGED',
      expected: '2 labels, one for each probability of model.onnx',
      received: 3,
    });
  });
});
