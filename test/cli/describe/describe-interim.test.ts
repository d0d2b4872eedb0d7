import { expect, test } from 'vitest';
import { announceInterim } from '../../../cli/describe/describe-interim.ts';
import type { AnyJob, InterimResult, JobRecord } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { submitted } from '../../../lib/jobs/life-cycle.ts';

const interim: InterimResult = {
  strategy: 'stage-features',
  images: 120,
  accuracy: 0.94,
  accuracyInterval: { low: 0.8823, high: 0.9703 },
  likelyGain: 0.03,
  secondsLeft: 236,
};
const id = 'job-zd356vw8p-hk9hd7jxu9';

function jobWith(members: Partial<JobRecord>): AnyJob {
  return { ...submitted(id, { spec: JobSpec.parse({ name: 'm', dataset: 'd' }) }, new Date()), ...members } as JobRecord;
}

const SO_FAR =
  'So far: accuracy 94.0% on 120 held-out images (95% interval 88.2% to 97.0%), with a head on the features of all stages.';

test('an interim result is announced with its interval, the gain and the time that may follow, and the command that publishes it', () => {
  expect(announceInterim(interim, jobWith({ interim }))).toBe(
    `${SO_FAR}\nFine-tuning may add up to 3 points, in about 4 minutes. Publish this result now:\n  graft job ${id} --finish`,
  );
});

test.each([
  ['has ended', {}],
  ['has the request', { interim, finishRequested: '2026-01-01T00:00:00.000Z' }],
])('of a job that %s the command is not announced', (_, members) => {
  expect(announceInterim(interim, jobWith(members))).toBe(SO_FAR);
});

test.each([
  [60, 'in about 1 minute'],
  [20, 'in less than a minute'],
])('%i seconds are told as %s', (secondsLeft, said) => {
  expect(announceInterim({ ...interim, secondsLeft }, jobWith({ interim }))).toContain(`may add up to 3 points, ${said}.`);
});

test('what is not known is left out', () => {
  const said = announceInterim({ strategy: 'feature-extraction', images: 1, meanAveragePrecision: 0.5 }, jobWith({ interim }));
  expect(said).toContain('So far: mAP 50.0% on 1 held-out image, with a head on the top features.\nFine-tuning may improve it.');
  const unlabelled = announceInterim({ strategy: 'feature-extraction', images: 9 }, jobWith({ interim }));
  expect(unlabelled).toContain('So far: no metric on 9 held-out images, with a head on the top features.');
});
