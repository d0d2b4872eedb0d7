import { expect, test } from 'vitest';
import * as explain from '../../../../lib/pipeline/tuning/explain-tuning.ts';
import { topPlan } from '../../../support/training-context.ts';

const cut = { layer: 'block6d_add' };
/** Without and with the fine-tuned weights. */
const losses = new Map([
  [0, 0.3],
  [1, 0.4567],
]);

test.each([
  ['no time', explain.timeExhausted(topPlan, 'it would take 14 minutes here', { training: 840 }), { expectedMinutes: 14 }],
  ['no memory', explain.memoryTooSmall(topPlan), {}],
  [
    'a higher loss',
    explain.lossRose(topPlan, { share: 0, losses }),
    { blend: 0, 'validationLoss.0': 0.3, 'validationLoss.1': 0.4567 },
  ],
])('a fine-tuning that is left out for %s leaves all layers frozen', (_, strategy, evidence) => {
  expect(strategy).toEqual({
    name: 'feature-extraction',
    reason: expect.stringMatching(/^Worth trying\. .*ine-tuning \(fine-tune-top\).*, so all layers stayed frozen\.$/),
    evidence,
  });
});

test('the reason of a fine-tuning that is not kept names both losses', () => {
  expect(explain.lossRose(topPlan, { share: 0, losses }).reason).toContain('the validation loss rose from 0.300 to 0.457');
});

test.each([
  [explain.hadFewerEpochs(topPlan, 6, 10, 'it would take an hour'), 'had 6 epochs, because with 10 it would take an hour.'],
  [explain.wasShortened(topPlan, 6, 'compute.maxMinutes (5)'), 'ended after 6 epochs: compute.maxMinutes (5) leaves no time'],
  [explain.hadNoTimeForDeeper(topPlan, cut, 'an hour'), 'no time to train the layers after block6d_add as well: an hour.'],
  [explain.deeperFailed(topPlan, cut, 'it diverged'), 'training the layers after block6d_add was tried too, but it diverged.'],
  [explain.wasNotRetrained(topPlan, 'no time'), 'The model trained on the training images alone: no time.'],
])('a changed fine-tuning keeps its strategy, and the reason has one more sentence: %#', ({ name, reason }, sentence) => {
  expect(name).toBe('fine-tune-top');
  expect(reason.startsWith('Worth trying. ')).toBe(true);
  expect(reason).toContain(sentence);
});

test('a job that was finished early says so in its record, too', () => {
  expect(explain.wasFinishedEarly(topPlan, 'fine-tuning')).toEqual({
    ...topPlan,
    reason: 'Worth trying. The job was finished early on request, so the model was published without fine-tuning.',
    finishedEarly: true,
  });
});

test.each([
  [{ top: 0.3, deeper: 0.2 }, 'the loss changed from 0.300 to 0.200.'],
  [{ top: 0.3, deeper: 0.3 }, 'the loss changed from 0.300 to 0.300, so the first result was kept.'],
  [{ top: 0.3, deeper: undefined }, 'but there was not enough memory for it.'],
])('the result of training more layers is described: %j', (found, ending) => {
  const { reason, evidence } = explain.describeDeeper(topPlan, cut, found);
  expect(reason).toMatch(
    /^Worth trying\. Full fine-tuning had the lowest validation loss, so training the layers after block6d_add/,
  );
  expect(reason.endsWith(ending)).toBe(true);
  expect(evidence['validationLoss.deeper']).toBe(found.deeper);
});
