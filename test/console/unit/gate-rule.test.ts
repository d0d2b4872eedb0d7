import { describe, expect, test } from 'vitest';
import { describeRule, limitsOf, ruleOf, type TypedRule } from '../../../console/gate-rule.ts';

const typed: TypedRule = { metric: 'accuracy', label: undefined, limit: 'least', value: '90' };

describe('the rule of a gate that was typed', () => {
  test.each<[Partial<TypedRule>, object, string]>([
    [{}, { metric: 'accuracy', min: 0.9 }, 'Accuracy: at least 90.00%'],
    [{ limit: 'loss', value: ' 2.5 ' }, { metric: 'accuracy', maxLoss: 0.025 }, 'Accuracy: a loss of at most 2.50 points'],
    [{ limit: 'interval', value: '' }, { metric: 'accuracy', maxLoss: 'interval' }, 'Accuracy: no loss beyond the 95% interval'],
    [{ metric: 'recall' }, { metric: 'recall', perClass: true, min: 0.9 }, 'Recall of each class: at least 90.00%'],
    [{ metric: 'f1', label: 'daisy' }, { metric: 'f1', label: 'daisy', min: 0.9 }, 'F1 of daisy: at least 90.00%'],
    [
      { metric: 'negativeLogLikelihood', limit: 'most', value: '0.35' },
      { metric: 'negativeLogLikelihood', max: 0.35 },
      'Negative log-likelihood: at most 0.3500',
    ],
  ])('%j', (change, rule, described) => {
    const found = ruleOf({ ...typed, ...change });
    expect(found).toEqual(rule);
    expect(found && describeRule(found)).toBe(described);
  });

  test.each<Partial<TypedRule>>([
    { value: '' },
    { value: '101' },
    { value: '-1' },
    { value: '1e1' },
    { limit: 'most' },
    { metric: 'recall', label: '' },
    { metric: 'meanAveragePrecision', limit: 'interval' },
  ])('%j is none', (change) => {
    expect(ruleOf({ ...typed, ...change })).toBeUndefined();
  });

  test('only what a gate takes is offered', () => {
    expect(limitsOf('recall')).toEqual(['interval', 'loss', 'least']);
    expect(limitsOf('meanAveragePrecision')).toEqual(['loss', 'least']);
    expect(limitsOf('negativeLogLikelihood')).toEqual(['loss', 'most']);
  });
});
