import { expect, test } from 'vitest';
import type { ServedCard } from '../../../lib/contracts/served-card.ts';
import { thresholdsFor } from '../../../lib/inference/thresholds-for.ts';

const card: ServedCard = {
  model: 'parts',
  task: 'one-class',
  labels: ['good'],
  input: { height: 4, width: 4, resize: 'bilinear' },
};

test('a one-class model has no thresholds for a precision, and no training would give it any', () => {
  expect(() => thresholdsFor(card, 0.9)).toThrow(
    expect.objectContaining({ code: 'PRECISION_UNAVAILABLE', fix: expect.stringMatching(/^leave precision out/) }),
  );
  expect(() => thresholdsFor({ ...card, task: 'single-label' }, 0.9)).toThrow(
    expect.objectContaining({ code: 'PRECISION_UNAVAILABLE', fix: 'train the model again, or use abstain' }),
  );
});
