import { describe, expect, test } from 'vitest';
import { describeDiff } from '../../../cli/commands/model-diff.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import { reportFiles } from '../../../lib/models/report-files.ts';
import { diffModels } from '../../../lib/reports/diff-models.ts';
import { changeScores } from '../../support/models/change-scores.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { testWorld } from '../../support/world.ts';

const labels = ['a', 'b', 'c'];

/** Version 1 is wrong on the first two images of `a`, version 2 on the first of `a` and the first three of `b`. */
async function twoVersions() {
  const world = testWorld();
  await publishScored(world, { labels, number: 1, predict: ({ label, place }) => (label === 'a' && place < 2 ? 'c' : label) });
  await publishScored(world, {
    labels,
    number: 2,
    predict: ({ label, place }) => (label === 'a' && place < 1 ? 'b' : label === 'b' && place < 3 ? 'a' : label),
    spec: { training: { seed: 8, epochs: 5 } },
  });
  return world;
}

describe('diffModels', () => {
  test('compares metrics, predictions, classes and settings on the same images', async () => {
    const { store } = await twoVersions();
    const diff = await diffModels('scored@1', 'scored@2', store);
    expect(diff).toMatchObject({
      before: { model: 'scored', version: 1, part: 'test', images: 24 },
      after: { model: 'scored', version: 2, part: 'test', images: 24, dataset: expect.stringMatching(/^scored@sha256-/) },
      task: 'single-label',
      images: 24,
      relabelled: 0,
      mcnemar: { bothRight: 19, onlyBefore: 3, onlyAfter: 1, bothWrong: 1 },
      labels: { onlyBefore: [], onlyAfter: [] },
      changeCount: 5,
    });
    expect(diff.metrics.accuracy).toMatchObject({
      before: { value: 0.9167 },
      after: { value: 0.8333 },
      difference: { value: -0.0833 },
    });
    expect(diff.metrics.balancedAccuracy?.difference.value).toBe(-0.0833);
    expect(diff.metrics.microF1).toBeUndefined();
    expect(diff.changes.map(({ labels: [label], before, after }) => [label, before.isRight, after.isRight])).toEqual([
      ['b', true, false],
      ['b', true, false],
      ['b', true, false],
      ['a', false, true],
      ['a', false, false],
    ]);
    expect(diff.changes[0]).toMatchObject({
      path: expect.stringMatching(/^b\//),
      row: 8,
      before: { labels: [{ label: 'b', probability: 0.9094 }] },
      after: { labels: [{ label: 'a', probability: 0.9094 }] },
    });
    expect(diff.classes.map(({ label }) => label)).toEqual(['b', 'a', 'c']);
    expect(diff.classes[0]).toMatchObject({
      label: 'b',
      support: 8,
      recall: { before: { value: 1 }, after: { value: 0.625 }, difference: { value: -0.375 } },
    });
    expect(diff.settings).toEqual([
      { path: 'spec.training.epochs', before: 60, after: 5 },
      { path: 'spec.training.seed', before: 7, after: 8 },
    ]);
  });

  test('gives paired intervals: a version compared with itself differs by exactly 0', async () => {
    const { store } = await twoVersions();
    const diff = await diffModels('scored@2', 'scored@2', store);
    expect(diff.changes).toEqual([]);
    expect(diff.settings).toEqual([]);
    expect(diff.metrics.macroF1?.difference).toEqual({ value: 0, low: 0, high: 0 });
    expect(diff.mcnemar).toMatchObject({ onlyBefore: 0, onlyAfter: 0, exact: 1 });
    expect(diff.classes.length).toBeGreaterThan(0);
    for (const { f1 } of diff.classes) expect(f1?.difference).toEqual({ value: 0, low: 0, high: 0 });
  });

  test('is the mirror image of the diff in the other direction', async () => {
    const { store } = await twoVersions();
    const there = await diffModels('scored@1', 'scored@2', store);
    const back = await diffModels('scored@2', 'scored@1', store);
    for (const metric of ['accuracy', 'macroF1', 'balancedAccuracy'] as const) {
      const [one, other] = [there.metrics[metric]!.difference, back.metrics[metric]!.difference];
      expect([other.value, other.low, other.high]).toEqual([-one.value, -one.high!, -one.low!]);
    }
    expect(back.changeCount).toBe(there.changeCount);
  });

  test('takes the images that both have, and a label that one version lacks is one that it never predicts', async () => {
    const world = testWorld();
    await publishScored(world, { labels: ['a', 'b'], perClass: 4, number: 1, predict: ({ label }) => label });
    await publishScored(world, { labels: ['b', 'c'], perClass: 8, number: 2, predict: ({ label }) => label });
    // The pictures of a label follow from its place among the labels: those of `a` are labelled `b` here.
    const diff = await diffModels('scored@1', 'scored@2', world.store);
    expect(diff).toMatchObject({
      images: 8,
      relabelled: 8,
      labels: { onlyBefore: ['a'], onlyAfter: ['c'] },
      before: { images: 8 },
      after: { images: 16 },
      metrics: { accuracy: { before: { value: 0 }, after: { value: 1 } } },
    });
    // Its likelihood would be infinite.
    expect(diff.metrics.negativeLogLikelihood).toBeUndefined();
    expect(diff.classes.find(({ label }) => label === 'c')).toMatchObject({ support: 4, recall: { before: { value: 0 } } });
  });

  test('finds the common images of versions with other labelled images, although some between them have no label', async () => {
    const world = testWorld();
    const beside = ['M', 'a', 'b'];
    await publishScored(world, { labels: beside, waiting: 3, number: 1, predict: ({ label }) => label });
    await publishScored(world, {
      labels: beside,
      perClass: 9,
      number: 2,
      predict: ({ label, place }) => (label === 'b' && place < 1 ? 'a' : label),
    });
    const there = await diffModels('scored@1', 'scored@2', world.store);
    const back = await diffModels('scored@2', 'scored@1', world.store);
    for (const [diff, row] of [[there, 18] as const, [back, 16] as const]) {
      expect(diff).toMatchObject({ images: 24, relabelled: 0, mcnemar: { bothRight: 23, bothWrong: 0 } });
      expect(diff.changes).toMatchObject([{ path: expect.stringMatching(/^b\//), row, labels: ['b'] }]);
    }
  });

  test('counts related images as one, in the data set of either version', async () => {
    const world = testWorld();
    const halves = (half: number) => ({
      labels,
      // Neighbours in one version, and in the other, so that each label is one group of both together.
      groupOf: ({ label, place }: { label: string; place: number }) => 10 * labels.indexOf(label) + ((place + half) >> 1),
    });
    await publishScored(world, { ...halves(0), number: 1, predict: ({ label }) => label });
    await publishScored(world, { ...halves(1), number: 2, predict: ({ label }) => (label === 'a' ? 'b' : label) });
    const one = await diffModels('scored@1', 'scored@1', world.store);
    expect(one).toMatchObject({ images: 24, groups: 12, mcnemar: { exact: 1 } });
    const both = await diffModels('scored@1', 'scored@2', world.store);
    expect(both).toMatchObject({ groups: 3, mcnemar: { onlyBefore: 8, onlyAfter: 0, exact: 1 } });
    expect(both.metrics.accuracy?.difference).toMatchObject({ value: -0.3333 });
    expect(both.metrics.accuracy?.difference.high).toBeGreaterThan(0);
    expect(describeDiff(both)).toContain('(McNemar, 3 groups: related images count as one)');
    const back = await diffModels('scored@2', 'scored@1', world.store);
    const { low = 0, high = 0 } = both.metrics.accuracy?.difference ?? {};
    expect(back.metrics.accuracy?.difference).toEqual({ value: 0.3333, low: -high, high: -low });
  });

  test('has the metrics of several labels per image', async () => {
    const world = testWorld();
    await publishScored(world, { labels, task: 'multi-label', number: 1, seed: 1 });
    await publishScored(world, { labels, task: 'multi-label', number: 2, seed: 2 });
    const { metrics, changes } = await diffModels('scored@1', 'scored@2', world.store);
    expect(Object.keys(metrics)).toEqual([
      'accuracy',
      'macroF1',
      'microF1',
      'meanAveragePrecision',
      'negativeLogLikelihood',
      'expectedCalibrationError',
    ]);
    expect(metrics.meanAveragePrecision?.difference).toEqual({ value: expect.any(Number) });
    expect(changes.length).toBeGreaterThan(0);
  });

  test.each([
    [
      'without stored scores',
      'MODEL_SCORES_MISSING',
      async (world: ReturnType<typeof testWorld>, prefix: string) => world.store.delete(`${prefix}${reportFiles.scores}`),
    ],
    [
      'whose scores have changed',
      'MODEL_PACKAGE_DAMAGED',
      async (world: ReturnType<typeof testWorld>, prefix: string) => changeScores(world.store, prefix),
    ],
    [
      'whose data set is gone',
      'COMMON_IMAGES_MISSING',
      async (world: ReturnType<typeof testWorld>) => {
        await deleteDataset('scored', world);
        for (const { key } of (await world.store.list('manifests/')).objects) await world.store.delete(key);
      },
    ],
  ] as const)('refuses versions %s', async (_, code, damage) => {
    const world = testWorld();
    const { package: prefix } = await publishScored(world, { labels });
    await damage(world, prefix);
    await expect(diffModels('scored@1', 'scored', world.store)).rejects.toMatchObject({ code });
  });

  test('refuses versions of different tasks, and a model that does not exist', async () => {
    const world = testWorld();
    await publishScored(world, { labels, number: 1 });
    await publishScored(world, { labels, task: 'multi-label', number: 2 });
    await expect(diffModels('scored@1', 'scored@2', world.store)).rejects.toMatchObject({
      code: 'MODELS_INCOMPATIBLE',
      received: 'single-label and multi-label',
    });
    await expect(diffModels('nobody', 'scored@1', world.store)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});
