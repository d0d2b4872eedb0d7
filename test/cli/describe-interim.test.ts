import { expect, test } from 'vitest';
import { announceInterim } from '../../cli/describe-interim.ts';
import type { InterimResult } from '../../lib/contracts/job.ts';

const interim: InterimResult = {
  strategy: 'stage-features',
  images: 120,
  accuracy: 0.94,
  accuracyInterval: { low: 0.8823, high: 0.9703 },
  secondsLeft: 236,
};

test('an interim result is announced with its interval, the time that is left, and the command that publishes it', () => {
  expect(announceInterim('job-1', interim)).toBe(
    [
      'So far: accuracy 94.0% on 120 validation images (95% interval 88.2% to 97.0%), with a head on the features of all stages.',
      'Fine-tuning may improve it, in about 4 minutes. Publish this result now:',
      '  graft job job-1 --finish',
    ].join('\n'),
  );
});

test.each([
  [60, 'in about 1 minute'],
  [20, 'in less than a minute'],
])('%i seconds are told as %s', (secondsLeft, said) => {
  expect(announceInterim('job-1', { ...interim, secondsLeft })).toContain(`may improve it, ${said}.`);
});

test('what is not known is left out', () => {
  const said = announceInterim('job-1', { strategy: 'feature-extraction', images: 1, meanAveragePrecision: 0.5 });
  expect(said).toContain(
    'So far: mAP 50.0% on 1 validation image, with a head on the top features.\nFine-tuning may improve it.',
  );
});
