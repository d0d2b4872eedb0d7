import { describe, expect, test } from 'vitest';
import { confusionPairs, mostConfusedClasses, predictedClasses } from '../../../../lib/reports/statistics/confusion-pairs.ts';
import { calibrationErrorOf, reliabilityBins } from '../../../../lib/reports/statistics/reliability-bins.ts';
import { expectedCalibrationError } from '../../../../lib/training/metrics/expected-calibration-error.ts';
import { probabilitiesOf } from '../../../../lib/training/metrics/labelled-logits.ts';
import { drawScores } from '../../../support/models/scores.ts';

describe('reliabilityBins', () => {
  test.each(['single-label', 'multi-label'] as const)('have the gaps of the expected calibration error: %s', (task) => {
    const scores = drawScores({ task, count: 300, classes: 4, temperature: 2, seed: 3 });
    const bins = reliabilityBins(scores, probabilitiesOf(scores));
    const predictions = task === 'multi-label' ? 1200 : 300;
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(predictions);
    expect(calibrationErrorOf(bins)).toBeCloseTo(expectedCalibrationError(scores), 9);
  });
});

describe('confusionPairs', () => {
  const scores = {
    task: 'single-label' as const,
    count: 4,
    classes: 3,
    logits: Float32Array.from([9, 0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 9]),
    targets: Float32Array.from([1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1]),
  };

  test('counts the images of each pair', () => {
    expect(confusionPairs(predictedClasses(scores))).toEqual([
      { truth: 0, predicted: 0, count: 1 },
      { truth: 0, predicted: 1, count: 2 },
      { truth: 2, predicted: 2, count: 1 },
    ]);
  });

  test('of too many classes, those with the most confusions are shown', () => {
    const pairs = [
      { truth: 7, predicted: 9, count: 5 },
      { truth: 1, predicted: 2, count: 9 },
      { truth: 4, predicted: 4, count: 90 },
      { truth: 3, predicted: 5, count: 2 },
    ];
    expect(mostConfusedClasses(pairs, 100, 4)).toEqual([1, 2, 7, 9]);
    expect(mostConfusedClasses(pairs, 3, 4)).toEqual([0, 1, 2]);
  });
});
