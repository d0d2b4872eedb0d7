import { expect, test } from 'vitest';
import { sentencesAfter, withEvidence, withSentence } from '../../../lib/pipeline/extend-strategy.ts';

const strategy = { name: 'fine-tune-top', reason: 'Few images.', evidence: { classes: 2, gain: 1 } } as const;

test('a strategy gets sentences and numbers, and keeps everything else', () => {
  const more = withSentence(strategy, 'It was worse.', { gain: -1 });
  expect(more).toEqual({ ...strategy, reason: 'Few images. It was worse.', evidence: { classes: 2, gain: -1 } });
  expect(withEvidence(strategy, { loss: 3 })).toEqual({ ...strategy, evidence: { classes: 2, gain: 1, loss: 3 } });
});

test.each([
  ['nothing was added', strategy.reason, ''],
  ['a sentence was added', 'Few images. It was worse.', 'It was worse.'],
  // As where the images do not suit mirroring, and a smaller plan is tried.
  [
    'several steps added one',
    'Few images. No mirroring. It was tried instead. No time.',
    'No mirroring. It was tried instead. No time.',
  ],
  ['the reason is another one', 'Many images. Few images.', 'Many images. Few images.'],
])('the sentences after an earlier reason: %s', (_, reason, added) => {
  expect(sentencesAfter(reason, strategy.reason)).toBe(added);
});
