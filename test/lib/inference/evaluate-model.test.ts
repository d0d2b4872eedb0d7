import { describe, expect, test, vi } from 'vitest';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { checkEvaluation } from '../../../lib/inference/check-evaluation.ts';
import { digestOf } from '../../../lib/models/served-package.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { encodeModel } from '../../../lib/onnx/protobuf.ts';
import type { World } from '../../../lib/ports.ts';
import { picture } from '../../support/api.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { publishColours } from '../../support/models/published-colours.ts';
import { rewriteCard } from '../../support/models/rewrite-card.ts';
import { runEvaluation } from '../../support/models/run-evaluation.ts';
import { watchedStore } from '../../support/watched-store.ts';
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
    await importStored({ name: 'both', files }, world);
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

  test('refuses more probabilities than fit into memory, before the first image', async () => {
    const world = testWorld();
    await publishColours(world);
    const read: string[] = [];
    const store = watchedStore(world.store, async (_, name, [key]) => {
      if (name === 'get') read.push(String(key));
    });
    // For 40 images and 2 labels.
    const available = vi.spyOn(process, 'availableMemory').mockReturnValue(40 * 2 * 25 - 1);
    await expect(evaluate({ ...world, store }).finally(() => available.mockRestore())).rejects.toMatchObject({
      code: 'MEMORY_TOO_SMALL',
      at: 'dataset',
      received: expect.stringMatching(/^40 images with 2 probabilities each/),
    });
    expect(read.filter((key) => key.startsWith('blobs/'))).toEqual([]);
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

  test('tells small probabilities apart, as the metrics of a training do', async () => {
    const world = testWorld();
    const { prefix } = await publishColours(world);
    // The probability of crimson is 1e-8, and those of the labels before it are 1e-13.
    const onnx = constantModel([1e-13, 1e-13, 1e-13, 1e-8, 1]);
    await world.store.put(`${prefix}model.onnx`, onnx);
    const labels = ['a', 'b', 'c', 'crimson', 'royalblue'];
    await rewriteCard(world.store, 'colours', (card: ModelCard) => ({ ...card, labels, modelDigest: digestOf(onnx) }));
    const { metrics } = await evaluate(world);
    expect(metrics).toMatchObject({ accuracy: 0.5, top3Accuracy: 1, loss: expect.closeTo(-Math.log(1e-8) / 2, 5) });
  });
});

/** A graph that gives every image these probabilities. */
function constantModel(probabilities: readonly number[]): Uint8Array {
  const graph = new GraphBuilder();
  const { value, info } = graph.input('images', [null, 16, 16, 3]);
  const means = graph.add('Flatten', [graph.add('GlobalAveragePool', [graph.channelsFirst(value).name])]);
  const nothing = graph.add('MatMul', [means, graph.floats(Array(3 * probabilities.length).fill(0), [3, probabilities.length])]);
  const logits = graph.add('Add', [nothing, graph.floats(probabilities.map(Math.log), [probabilities.length])]);
  const output = { name: graph.add('Softmax', [logits]), shape: [null, probabilities.length], layout: 'channels-last' } as const;
  return encodeModel({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 20 }],
    metadataProps: [],
    graph: graph.finish('constant', info, output, 'probabilities'),
  });
}
