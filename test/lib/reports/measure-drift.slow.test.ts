import { describe, expect, test } from 'vitest';
import { Keeping } from '../../../lib/contracts/keeping.ts';
import type { Prediction } from '../../../lib/inference/served-model.ts';
import { setKeeping } from '../../../lib/models/keeping.ts';
import { reportFiles } from '../../../lib/models/report-files.ts';
import { listKeptPredictions } from '../../../lib/reports/list-kept-predictions.ts';
import { topLabels } from '../../../lib/reports/measure/top-labels.ts';
import { measureDrift } from '../../../lib/reports/measure-drift.ts';
import { requireScores } from '../../../lib/reports/read-scores.ts';
import { changeScores } from '../../support/models/change-scores.ts';
import { keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { testWorld } from '../../support/world.ts';

const labels = ['a', 'b', 'c'];
const DAY = 86_400;

/** A version that was evaluated on 120 images, and its predictions of them. */
async function scored({ novelty = true } = {}) {
  const world = testWorld();
  const scores = Array.from({ length: 3000 }, (_, i) => ((i * 7) % 3000) / 3000);
  const published = await publishScored(world, { labels, perClass: 40, ...(novelty && { novelty: scores }) });
  await setKeeping('scored', Keeping.parse({ share: 1, perDay: 10_000, days: 30 }), world);
  const { classes, confidences } = topLabels((await requireScores(published, world.store)).scores);
  const evaluated = classes.map((of, row) => predictionOf(labels[of] ?? '', confidences[row] ?? 0, scores[row * 25]));
  return { world, published, evaluated };
}

const testOf = (drift: Awaited<ReturnType<typeof measureDrift>>, of: string) => drift.tests.find((test) => test.of === of);

describe('measureDrift', () => {
  test('finds nothing where predictions are like those of the evaluated images', async () => {
    const { world, evaluated } = await scored();
    await keepPredictions(world, evaluated);
    const drift = await measureDrift('scored', { days: 7 }, world);
    expect(drift).toMatchObject({
      model: 'scored',
      version: 1,
      drifted: false,
      kept: { predictions: 120, days: 7, from: '2030-01-01T00:00:00.000Z' },
      evaluated: { part: 'test', images: 120 },
      omitted: [],
      unknown: { evaluated: 0, kept: 0 },
      days: [{ day: '2030-01-01', predictions: 120 }],
    });
    // Novelty scores are stored as float32.
    for (const { effect, adjustedPValue } of drift.tests) expect([effect < 0.01, adjustedPValue]).toEqual([true, 1]);
  });

  test.each([
    ['classes', (one: Prediction) => predictionOf('a', one.labels[0]?.probability ?? 0, one.unknownScore)],
    ['confidence', ({ labels: [top], unknownScore }: Prediction) => predictionOf(top?.label ?? '', 0.4, unknownScore)],
    [
      'unknownScore',
      ({ labels: [top] }: Prediction, row: number) => predictionOf(top?.label ?? '', top?.probability ?? 0, 1 + row / 100),
    ],
  ])('finds a change of %s, and only that', async (of, change) => {
    const { world, evaluated } = await scored();
    await keepPredictions(world, evaluated.map(change));
    const drift = await measureDrift('scored@1', { days: 7 }, world);
    expect(drift.drifted).toBe(true);
    expect(drift.tests.filter(({ changed }) => changed).map((test) => test.of)).toEqual([of]);
    if (of === 'classes') expect(drift.classes[0]).toMatchObject({ label: 'a', kept: 1 });
    if (of === 'unknownScore') expect(drift.unknown?.kept).toBeGreaterThan(0.9);
  });

  test('corrects p-values for the number of tests, and needs an effect that matters', async () => {
    const { world } = await scored();
    // With hundreds of predictions, even a difference of few points is no chance.
    const slightly = Array.from({ length: 800 }, (_, i) => predictionOf('a', 0.5, 0.08 + i / 800));
    await keepPredictions(world, slightly);
    const drift = await measureDrift('scored', { days: 7 }, world);
    const test = testOf(drift, 'unknownScore');
    expect(test?.effect).toBeLessThan(0.1);
    expect(test?.changed).toBe(false);
    expect(test?.adjustedPValue).toBeLessThan(0.01);
    const smallest = drift.tests.toSorted((a, b) => a.pValue - b.pValue)[0];
    expect(smallest?.adjustedPValue).toBe(3 * (smallest?.pValue ?? 1));
  });

  test('counts the last days only, and shows each', async () => {
    const { world, evaluated } = await scored();
    await keepPredictions(world, evaluated);
    for (let day = 0; day < 2; day++) {
      await world.clock.advance(DAY);
      await keepPredictions(
        world,
        evaluated.map(({ labels: [top] }) => predictionOf(top?.label ?? '', 0.4, 3)),
      );
    }
    expect(await measureDrift('scored', { days: 2 }, world)).toMatchObject({
      drifted: true,
      days: [
        { day: '2030-01-02', predictions: 120, confidence: 0.4, unknown: 1 },
        { day: '2030-01-03', predictions: 120, confidence: 0.4, unknown: 1 },
      ],
    });
    expect((await measureDrift('scored', { days: 3 }, world)).days[0]).toMatchObject({ day: '2030-01-01', unknown: 0 });
  });

  test('says why there is no test of novelty scores', async () => {
    const { world, evaluated } = await scored({ novelty: false });
    await keepPredictions(world, evaluated);
    const drift = await measureDrift('scored', { days: 7 }, world);
    expect(drift.tests.map(({ of }) => of)).toEqual(['classes', 'confidence']);
    expect(drift.omitted).toEqual([{ of: 'unknownScore', reason: expect.stringContaining('no novelty score') }]);
    expect(drift).not.toHaveProperty('unknown');
  });

  test.each([
    ['test images', 2, 600, 'There are too few test images for each class'],
    ['kept predictions', 4, 60, 'There are too few kept predictions for each class'],
  ])('does not compare classes with too few %s of each, though a third of them is gone', async (_, perClass, count, reason) => {
    const world = testWorld();
    const many = Array.from({ length: 30 }, (_, of) => `class-${of}`);
    await publishScored(world, { labels: many, perClass, predict: ({ label }) => label });
    await setKeeping('scored', Keeping.parse({ share: 1, perDay: 10_000, days: 30 }), world);
    await keepPredictions(
      world,
      Array.from({ length: count }, (_, row) => predictionOf(many[row % 20] ?? '', 0.5)),
    );
    const drift = await measureDrift('scored', { days: 7 }, world);
    expect(testOf(drift, 'classes')).toBeUndefined();
    expect(drift.omitted[0]).toEqual({ of: 'classes', reason: expect.stringContaining(reason) });
    expect(drift.classes).toHaveLength(30);
  });

  test('needs predictions, and a version with scores', async () => {
    const { world, evaluated, published } = await scored();
    await expect(measureDrift('scored', { days: 7 }, world)).rejects.toMatchObject({
      code: 'KEPT_PREDICTIONS_TOO_FEW',
      received: 0,
    });
    await keepPredictions(world, evaluated.slice(0, 49));
    await expect(measureDrift('scored', { days: 7 }, world)).rejects.toMatchObject({ received: 49 });
    await changeScores(world.store, published.package);
    await expect(measureDrift('scored', { days: 7 }, world)).rejects.toMatchObject({
      code: 'MODEL_PACKAGE_DAMAGED',
      at: `${published.package}${reportFiles.scores}`,
    });
    await world.store.delete(`${published.package}${reportFiles.scores}`);
    await expect(measureDrift('scored', { days: 7 }, world)).rejects.toMatchObject({ code: 'MODEL_SCORES_MISSING' });
  });
});

describe('listKeptPredictions', () => {
  test('returns pages, the oldest day first, and only those that are wanted', async () => {
    const { world, evaluated } = await scored();
    const some = [predictionOf('a', 0.99, 0.5), predictionOf('b', 0.99, 2), predictionOf('c', 0.34, 0.5)];
    await keepPredictions(world, some);
    await world.clock.advance(DAY);
    await keepPredictions(world, some);
    const list = (query: object) => listKeptPredictions('scored', { limit: 100, ...query }, world);
    const first = await list({ limit: 4 });
    expect(first.predictions.map(({ at }) => at.slice(0, 10))).toEqual([...Array(3).fill('2030-01-01'), '2030-01-02']);
    const second = await list({ limit: 4, after: first.next });
    expect(second.predictions).toHaveLength(2);
    expect(second).not.toHaveProperty('next');
    expect((await list({ days: 1 })).predictions).toHaveLength(3);
    expect((await list({ unknown: true })).predictions.map(({ label }) => label)).toEqual(['b', 'b']);
    const unsure = await list({ unsure: true });
    expect(unsure.predictions.map(({ label }) => label)).toEqual(['c', 'c']);
    const least = evaluated.map(({ labels: [top] }) => top?.probability ?? 0).sort((a, b) => a - b)[12];
    expect(unsure.unsureBelow).toBeCloseTo(least ?? 0, 9);
    expect((await list({ unsure: true, unknown: true })).predictions).toHaveLength(4);
    expect((await list({ images: true })).predictions).toEqual([]);
  });
});
