import { expect, test } from 'vitest';
import { gateMetricsOf, onlyTaskOf } from '../../../lib/contracts/gate.ts';

const ofAll = ['accuracy', 'macroF1', 'negativeLogLikelihood', 'expectedCalibrationError', 'precision', 'recall', 'f1'];

test.each([
  ['single-label', ['balancedAccuracy']],
  ['multi-label', ['microF1', 'meanAveragePrecision']],
  ['one-class', []],
] as const)('the gate of a %s model may have the metrics of all models, and those of its task', (task, only) => {
  const metrics = gateMetricsOf(task);
  expect(metrics.toSorted()).toEqual([...ofAll, ...only].toSorted());
  expect(metrics.filter((metric) => onlyTaskOf(metric) !== undefined)).toEqual(only);
});
