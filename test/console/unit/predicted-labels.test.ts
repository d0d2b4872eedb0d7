import { expect, test } from 'vitest';
import { joinLabels, predictionOf } from '../../../console/predicted-labels.ts';
import type { EvaluatedImage } from '../../../lib/contracts/evaluated-images.ts';

const labelled = (...labels: string[]) => labels.map((label) => ({ label, probability: 0.9 }));
const image = (...labels: string[]) => ({ predicted: labelled(...labels) }) as unknown as EvaluatedImage;

test('two predictions that share their first label differ as text', () => {
  expect(joinLabels(labelled('cat'))).toBe('cat');
  expect(joinLabels(labelled('cat', 'dog'))).toBe('cat, dog');
  expect(joinLabels([])).toBe('nothing');
});

test('a multi-label model predicts all labels of the list, another one the first', () => {
  expect(predictionOf(image('cat', 'dog'), 'multi-label')).toBe('cat, dog');
  expect(predictionOf(image('cat', 'dog'), 'single-label')).toBe('cat');
  expect(predictionOf(image(), 'single-label')).toBe('nothing');
});
