import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitTemperature } from '../../../../lib/training/calibration/fit-temperature.ts';
import { scaleLogits, uniformScaling } from '../../../../lib/training/calibration/logit-scaling.ts';
import { probabilitiesOf } from '../../../../lib/training/metrics/labelled-logits.ts';
import { negativeLogLikelihood } from '../../../../lib/training/metrics/negative-log-likelihood.ts';
import { type DrawnScores, drawScores } from '../../../support/models/scores.ts';

/** Scores whose true temperature is known: targets are drawn from the softmax of logits that are then multiplied. */
const seeds = fc.integer({ min: 0, max: 1e6 });
const tasks = fc.constantFrom('single-label' as const, 'multi-label' as const);

describe('fitTemperature', () => {
  it.each([0.05, 0.25, 1, 4, 20, 100])('finds a temperature of %d', async (temperature) => {
    for (const task of ['single-label', 'multi-label'] as const) {
      const scores = drawScores({ task, count: 4000, classes: 5, temperature, seed: 1 });
      expect(Math.abs(Math.log((await fitTemperature(scores)) / temperature))).toBeLessThan(0.15);
    }
  });

  it('has no lower loss with any other temperature, the uninformative example counted', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, tasks, fc.double({ min: -3, max: 3, noNaN: true }), async (seed, task, logarithm) => {
        const scores = drawScores({ task, count: 40, classes: 3, temperature: Math.exp(logarithm), seed });
        const best = await fitTemperature(scores);
        for (const other of [0.5, 0.9, 1.1, 2]) expect(loss(scores, best)).toBeLessThanOrEqual(loss(scores, best * other) + 1e-6);
      }),
      { numRuns: 50 },
    );
  });

  it('is the temperature of bisection on the probabilities of all scores at once', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, tasks, fc.double({ min: -3, max: 3, noNaN: true }), async (seed, task, logarithm) => {
        const scores = drawScores({ task, count: 40, classes: 3, temperature: Math.exp(logarithm), seed });
        expect(await fitTemperature(scores)).toBe(temperatureOfAll(scores));
      }),
      { numRuns: 100 },
    );
  });

  const extremes: [string, DrawnScores][] = [
    [
      'scores that separate the classes',
      {
        ...drawScores({ count: 6, classes: 2, seed: 1 }),
        logits: Float32Array.of(3, -3, 3, -3, 3, -3, -3, 3, -3, 3, -3, 3),
        targets: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1),
      },
    ],
    [
      'scores that are always wrong',
      {
        ...drawScores({ count: 2, classes: 2, seed: 1 }),
        logits: Float32Array.of(9, -9, -9, 9),
        targets: Float32Array.of(0, 1, 1, 0),
      },
    ],
    [
      'scores that are all the same',
      { ...drawScores({ count: 2, classes: 2, seed: 1 }), logits: new Float32Array(4), targets: Float32Array.of(0, 1, 1, 0) },
    ],
    [
      'logits as large as float32 takes',
      {
        ...drawScores({ count: 2, classes: 2, seed: 1 }),
        logits: Float32Array.of(1e30, -1e30, 1e30, -1e30),
        targets: Float32Array.of(1, 0, 0, 1),
      },
    ],
    [
      'no scores',
      { ...drawScores({ count: 2, classes: 2, seed: 1 }), count: 0, logits: new Float32Array(), targets: new Float32Array() },
    ],
  ];
  it.each(extremes)('is finite and above 0 for %s', async (_, scores) => {
    const temperature = await fitTemperature(scores);
    expect(temperature).toBeGreaterThanOrEqual(0.000999);
    expect(temperature).toBeLessThanOrEqual(1001);
  });

  it('trusts separated scores the more, the more of them there are', async () => {
    const separated = (count: number): DrawnScores => ({
      task: 'single-label',
      count,
      classes: 2,
      logits: Float32Array.from({ length: 2 * count }, (_, i) => ((i % 2 === 0) === i % 4 < 2 ? 1 : -1)),
      targets: Float32Array.from({ length: 2 * count }, (_, i) => Number((i % 2 === 0) === i % 4 < 2)),
    });
    const [few = 0, more = 0, many = 0] = await Promise.all([10, 100, 1000].map((count) => fitTemperature(separated(count))));
    expect(few).toBeGreaterThan(more);
    expect(more).toBeGreaterThan(many);
  });
});

/** As fitTemperature, without its loop over rows. */
function temperatureOfAll(scores: DrawnScores): number {
  const { task, count, classes, logits, targets } = scores;
  const uninformed = task === 'single-label' ? 1 / classes : 0.5;
  const slope = (sharpness: number): number => {
    const probabilities = probabilitiesOf({ ...scores, logits: logits.map((logit) => logit * sharpness) });
    return logits.reduce((sum, logit, i) => {
      const probability = probabilities[i] ?? 0;
      return sum + logit * (probability - (targets[i] ?? 0) + (probability - uninformed) / count);
    }, 0);
  };
  let [low, high] = [-Math.log(1000), Math.log(1000)];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(-middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

function loss(scores: DrawnScores, temperature: number): number {
  const scaled = scaleLogits(scores, uniformScaling(scores.classes, 1 / temperature));
  const { classes, count, task } = scores;
  // A further example of which each class is equally likely, with the mean of the logits' losses.
  const uninformed = Array.from({ length: task === 'single-label' ? classes : 2 }, (_, of) => {
    const targets = scores.targets.map((__, i) => (task === 'single-label' ? Number(i % classes === of) : of));
    return negativeLogLikelihood({ ...scaled, targets });
  });
  return count * negativeLogLikelihood(scaled) + uninformed.reduce((sum, value) => sum + value, 0) / uninformed.length;
}
