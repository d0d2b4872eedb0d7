import { describe, expect, test } from 'vitest';
import { points } from '../../../console/format.ts';
import { text } from '../../../console/strings.ts';
import { counted } from '../../../lib/format.ts';

describe('numbers for people', () => {
  test.each([
    ['a gain of shares', points(0.0312), '3.1 points'],
    ['a loss of shares', points(-0.0312), '-3.1 points'],
    ['one day', text.drift.lastDays(1), 'the last day'],
    ['days', text.drift.lastDays(7), 'the last 7 days'],
    ['the F1 of a class of one image', text.models.classF1('100.0%', counted(1, text.image)), 'F1 100.0% on 1 image'],
    [
      'one image that is left out',
      text.find.testLeftOut(counted(1, text.image)),
      'Left out: 1 image without a label. Test images are asked about one by one, so that the accuracy stays honest.',
    ],
  ])('%s', (_, shown, expected) => {
    expect(shown).toBe(expected);
  });
});
