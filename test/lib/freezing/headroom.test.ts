import { expect, test } from 'vitest';
import { isSolved, whyNothingToGain } from '../../../lib/freezing/headroom.ts';

const single = (images: number) => ({ images, task: 'single-label' as const });

test.each([
  ['a score that is surely 98% or more', 0.983, single(10_000), /an accuracy of 98\.3% on 10,000 images .* nothing to gain/],
  [
    'few errors on few images',
    0.96,
    single(60),
    /correcting half of its errors could not be told from chance \(standard error 2\.5%\)/,
  ],
  ['a high mean average precision', 0.981, { images: 100, task: 'multi-label' as const }, /a mean average precision of 0\.981/],
])('fine-tuning is not tried after %s', (_, score, of, reason) => {
  expect(whyNothingToGain(score, { ...of, balanced: score })).toMatch(reason);
});

test.each([
  ['errors enough', 0.85, single(180)],
  ['the same share of errors on more images', 0.96, single(400)],
  ['98%, which may be less', 0.981, single(576)],
  ['a low mean average precision on few images', 0.9, { images: 10, task: 'multi-label' as const }],
])('it may pay after %s', (_, score, of) => {
  expect(whyNothingToGain(score, { ...of, balanced: score })).toBeUndefined();
});

test('it may pay where only frequent classes are known', () => {
  expect(whyNothingToGain(0.985, { ...single(10_000), balanced: 0.6 })).toBeUndefined();
});

test.each([
  ['exactly 98%', 0.98, single(400), false],
  ['98% and more than its standard error', 0.9875, single(400), true],
  ['a mean average precision of 0.98, which has no simple error', 0.98, { images: 10, task: 'multi-label' as const }, true],
])('%s is solved: %s of %j, %s', (_, score, of, expected) => {
  expect(isSolved(score, { ...of, balanced: score })).toBe(expected);
});
