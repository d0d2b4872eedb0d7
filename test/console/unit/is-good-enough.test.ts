import { expect, it } from 'vitest';
import { isGoodEnough } from '../../../console/labelling/is-good-enough.ts';

const accuracyFrom = (low: number) => ({ method: 'test' as const, value: low, low, high: 1, images: 20 });

it.each([
  ['many labels, and accurate', { labelled: 40, accuracy: accuracyFrom(0.75) }, true],
  [
    'a gain that is hardly worth the labels',
    { labelled: 80, accuracy: accuracyFrom(0.9), gain: { labels: 80, accuracy: 0.009 } },
    true,
  ],
  ['a gain that is worth them', { labelled: 80, accuracy: accuracyFrom(0.9), gain: { labels: 80, accuracy: 0.01 } }, false],
  ['too few labels to know', { labelled: 39, accuracy: accuracyFrom(0.9) }, false],
  ['an accuracy that may be low', { labelled: 400, accuracy: accuracyFrom(0.74) }, false],
  ['no accuracy yet', { labelled: 400 }, false],
])('%s', (_, state, expected) => {
  expect(isGoodEnough(state)).toBe(expected);
});
