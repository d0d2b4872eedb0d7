import { describe, expect, test } from 'vitest';
import { scoreOf, shortScore } from '../../../console/score.ts';

describe('the metric that stands for a model', () => {
  test.each([
    ['single-label', { accuracy: 0.9 }, ['Accuracy', '90.0%'], '90.0%'],
    [
      'multi-label, whose accuracy is always high',
      { accuracy: 0.95, meanAveragePrecision: 0.1 },
      ['Mean average precision', '10.0%'],
      'mAP 10.0%',
    ],
    ['not measured', {}, undefined, undefined],
  ])('%s', (_, scores, named, short) => {
    expect(scoreOf(scores)).toEqual(named);
    expect(shortScore(scores)).toBe(short);
  });
});
