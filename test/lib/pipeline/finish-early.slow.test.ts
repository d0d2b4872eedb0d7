import { describe, expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import type { InterimResult, JobProgress } from '../../../lib/contracts/job.ts';
import type { JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { TuningPlan } from '../../../lib/freezing/plan-strategy.ts';
import { calibrateNetwork } from '../../../lib/pipeline/calibrate-network.ts';
import { crossValidate } from '../../../lib/pipeline/cross-validate.ts';
import { heldOutScores } from '../../../lib/pipeline/held-out-scores.ts';
import { retrainOnAll } from '../../../lib/pipeline/retrain-on-all.ts';
import { searchTrials } from '../../../lib/pipeline/search-trials.ts';
import { trainPlan } from '../../../lib/pipeline/train-plan.ts';
import { metricsOf } from '../../../lib/training/evaluate.ts';
import { topPlan, trashTraining } from '../../support/training-context.ts';

/** A rate so low leads downhill all of the way. */
const slow = { epochs: 6, learningRateFactor: 0.003 };

/** Of strategy auto, at 32 pixels on WebAssembly. */
const range = { low: 1, upper: 900 };
const estimate: JobEstimate = {
  target: 'local',
  seconds: 900,
  parts: [],
  reason: '',
  plans: [
    { strategy: 'stage-features', runtime: 'wasm', expected: 60, ...range },
    { strategy: 'fine-tune-top', runtime: 'wasm', expected: 300, ...range },
  ],
};

describe('a user who finishes the job early', () => {
  const asked = { training: { epochs: 3, batchSize: 16 }, fineTuning: slow };
  const auto: TuningPlan = { ...topPlan, comparesStages: true };
  const named: TuningPlan = { ...topPlan, chosenBy: 'user' };

  /** The request comes with the first epoch of a phase, or is there from the beginning. */
  async function finishingTraining(at: JobProgress['phase'] | 'beginning', more: Partial<JobSpecInput> = {}) {
    const context = await trashTraining({ ...asked, ...more });
    const finish = new AbortController();
    const interims: InterimResult[] = [];
    const epochs: JobProgress['phase'][] = [];
    const report = ({ stage, done, phase }: JobProgress): void => {
      if (stage !== 'train' || done === 0) return;
      epochs.push(phase);
      if (phase === at) finish.abort();
    };
    if (at === 'beginning') finish.abort();
    const reportInterim = (interim: InterimResult) => void interims.push(interim);
    const jobContext = { ...context.jobContext, report, reportInterim, finish: finish.signal };
    const tuned = () => epochs.filter((phase) => phase === 'fine-tuning').length;
    return { context: { ...context, jobContext }, interims, epochs, tuned };
  }

  test.each([
    ['auto', auto, 'stage-features', { secondsLeft: 240 }],
    ['a named strategy', named, 'feature-extraction', {}],
  ] as const)('with %s gets the network with the frozen backbone, whose accuracy was reported', async (_, plan, name, time) => {
    const { context, interims, tuned } = await finishingTraining('fine-tuning');
    const trained = await trainPlan(plan, { ...context, job: { ...context.job, estimate } });
    expect(trained.strategy).toMatchObject({ name, finishedEarly: true });
    expect(trained.strategy.reason).toContain('The job was finished early on request');
    expect(tuned()).toBe(1);
    const { metrics } = await calibrateNetwork(trained, context);
    const { scores } = await heldOutScores(trained, context);
    const byFolds = { images: scores.count, accuracy: metricsOf(scores, context.dataset.labels).accuracy ?? Number.NaN };
    const onValidation = { images: context.split.validation.length, accuracy: metrics.accuracy ?? Number.NaN };
    const shown = name === 'stage-features' ? byFolds : onValidation;
    expect(interims).toEqual([
      { strategy: name, ...shown, accuracyInterval: expect.anything(), likelyGain: (1 - shown.accuracy) / 2, ...time },
    ]);
    expect(interims[0]?.accuracyInterval?.low).toBeLessThan(shown.accuracy);
    expect(interims[0]?.accuracyInterval?.high).toBeGreaterThan(shown.accuracy);
    await trained.close();
  });

  test.each([
    ['auto', auto, 'stage-features'],
    ['a named strategy', named, 'feature-extraction'],
  ] as const)('with %s gets it from the next attempt too, which does not fine-tune', async (_, plan, name) => {
    const { context, interims, tuned } = await finishingTraining('beginning');
    const { strategy, close } = await trainPlan(plan, context);
    expect(strategy).toMatchObject({ name, finishedEarly: true });
    expect([tuned(), interims]).toEqual([0, []]);
    await close();
  });

  test('gets the fine-tuned network as it is, if that is being retrained or cross-validated', async () => {
    const { context, epochs } = await finishingTraining('retraining', { training: { ...asked.training, folds: 2 } });
    const trained = await trainPlan(named, context);
    const calibrated = await calibrateNetwork(trained, context);
    const { strategy, model } = await retrainOnAll(trained, calibrated, context);
    expect(strategy).toMatchObject({ name: 'fine-tune-top', finishedEarly: true });
    expect(model).toBe(trained.model);
    expect(await crossValidate(trained, calibrated, context)).toBeUndefined();
    expect(epochs).not.toContain('cross-validation');
    await trained.close();
  });

  test('gets no cross-validation that has begun', async () => {
    const { context } = await finishingTraining('cross-validation', { training: { ...asked.training, folds: 2 } });
    const trained = await trainPlan(named, context);
    expect(await crossValidate(trained, await calibrateNetwork(trained, context), context)).toBeUndefined();
    await trained.close();
  });

  test.each(['beginning', 'cross-validation'] as const)(
    'ends no trial of a search, which reports no interim result (%s)',
    async (at) => {
      const { context, interims } = await finishingTraining(at, {
        strategy: 'feature-extraction',
        training: { epochs: 1, batchSize: 16 },
        fineTuning: { ...slow, epochs: 1 },
        search: { over: { strategy: ['fine-tune-top'] } },
      });
      const { search, context: chosen } = await searchTrials({ ...context, job: { ...context.job, estimate } });
      expect(search?.trials.map(({ strategy }) => strategy)).toEqual(['fine-tune-top', 'feature-extraction']);
      expect(interims).toEqual([]);
      const { plans: _, ...whole } = estimate;
      expect(chosen.job.estimate, 'its plans cover the whole search').toEqual(whole);
    },
  );

  test('does not hide that the attempt has to stop', async () => {
    const { context } = await finishingTraining('fine-tuning');
    const stop = new AbortController();
    context.jobContext.finish.addEventListener('abort', () => stop.abort(new Error('the machine goes away')));
    const jobContext = { ...context.jobContext, signal: stop.signal };
    await expect(trainPlan(named, { ...context, jobContext })).rejects.toMatchObject({ code: 'TRAINING_INTERRUPTED' });
  });
});
