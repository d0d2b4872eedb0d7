import { describe, expect, test } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import { apiSystem } from '../../support/api.ts';
import { publishScored } from '../../support/models/scored-model.ts';

const labels = ['a', 'b', 'c'];

/** A version that is wrong on the first two images of `a`, which it says are `c`. */
async function evaluated() {
  const { api, world } = apiSystem();
  await publishScored(world, { labels, predict: ({ label, place }) => (label === 'a' && place < 2 ? 'c' : label) });
  return { client: createClient(api).models, world };
}

describe('the evaluated images of a version', () => {
  test('are those of a cell of the confusion matrix, each with its file', async () => {
    const { client } = await evaluated();
    const cell = await client.evaluatedImages('scored', { label: 'a', predicted: 'c' });
    expect(cell).toMatchObject({ model: 'scored', version: 1, part: 'test', count: 2 });
    expect(cell.images.map(({ labels: [label], isRight }) => [label, isRight])).toEqual([
      ['a', false],
      ['a', false],
    ]);
    expect(cell.images[0]).toMatchObject({ predicted: [{ label: 'c' }, {}, {}], request: { method: 'GET' } });
    expect((await client.evaluatedImages('scored', { right: false })).count).toBe(2);
    const rows = cell.images.map(({ row }) => row);
    expect((await client.evaluatedImages('scored', { rows })).images.map(({ path }) => path)).toEqual(
      cell.images.map(({ path }) => path),
    );
  });

  test('are those that the version predicted, although others without a label stand between them', async () => {
    const { api, world } = apiSystem();
    await publishScored(world, { labels: ['M', 'a', 'b'], waiting: 3, predict: ({ label }) => label });
    const { datasets, models } = createClient(api);
    const { dataset, images } = await models.evaluatedImages('scored', { limit: 200 });
    expect(images.map(({ path }) => path[0])).toEqual(Array.from({ length: 24 }, (_, place) => 'Mab'[Math.floor(place / 8)]));
    for (const { path, labels, predicted } of images) expect([...labels, predicted[0]?.label]).toEqual([path[0], path[0]]);
    const some = images.slice(6, 12);
    const rows = some.map(({ row }) => row);
    const listed = await datasets.images(dataset, { unlabelled: false, rows });
    expect(listed.images.map(({ path }) => path)).toEqual(some.map(({ path }) => path));
  });

  test('have all labels that a multi-label model predicts, and the five most probable ones of any other', async () => {
    const many = Array.from('abcdefghij');
    const { api, world } = apiSystem();
    const client = createClient(api).models;
    await publishScored(world, { labels: many, perClass: 2, task: 'multi-label' });
    await publishScored(world, { labels: many, perClass: 2, number: 2 });
    const labelsOf = async (ref: string) =>
      (await client.evaluatedImages(ref, { limit: 200 })).images.map(({ predicted }) => predicted.map(({ label }) => label));
    const predicted = await labelsOf('scored@1');
    expect(Math.max(...predicted.map(({ length }) => length))).toBeGreaterThan(5);
    for (const label of many) {
      const { count } = await client.evaluatedImages('scored@1', { predicted: label });
      expect(predicted.filter((labels) => labels.includes(label))).toHaveLength(count);
    }
    expect(new Set((await labelsOf('scored@2')).map(({ length }) => length))).toEqual(new Set([5]));
  });

  test('come in pages in every order, and the bins count what a threshold would leave', async () => {
    const { client } = await evaluated();
    const all = await client.evaluatedImages('scored', { order: 'confidence', limit: 200 });
    expect(all.count).toBe(24);
    const confidences = all.images.map(({ confidence }) => confidence);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
    const first = await client.evaluatedImages('scored', { order: 'confidence', limit: 20 });
    const rest = await client.evaluatedImages('scored', { order: 'confidence', limit: 20, after: Number(first.next) });
    expect(rest.next).toBeUndefined();
    expect([...first.images, ...rest.images].map(({ row }) => row)).toEqual(all.images.map(({ row }) => row));
    for (const percent of [0, 50, 91, 100]) {
      const above = await client.evaluatedImages('scored', { from: percent / 100 });
      const below = await client.evaluatedImages('scored', { below: percent / 100 });
      const counted = above.bins.slice(percent).reduce((total, { images }) => total + images, 0);
      expect([above.count, below.count]).toEqual([counted, 24 - counted]);
    }
    const [worst] = (await client.evaluatedImages('scored', { order: 'worst', right: false, limit: 1 })).images;
    expect(worst).toMatchObject({ labels: ['a'], isRight: false });
    const ofA = await client.evaluatedImages('scored', { of: 'a', order: 'confidence' });
    expect(ofA.bins.reduce((total, { right }) => total + right, 0)).toBe(8);
  });

  test('name an unknown label, and a data set that was deleted', async () => {
    const { client, world } = await evaluated();
    await expect(client.evaluatedImages('scored', { predicted: '<b>' })).rejects.toMatchObject({
      code: 'EVALUATED_LABEL_UNKNOWN',
      at: 'predicted',
      received: '<b>',
    });
    await deleteDataset('scored', world);
    await expect(client.evaluatedImages('scored')).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
  });
});
