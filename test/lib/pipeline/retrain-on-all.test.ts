import { expect, test } from 'vitest';
import { RuntimeError } from '../../../lib/errors.ts';
import { attemptCheckpoints } from '../../../lib/jobs/attempt-checkpoints.ts';
import type { CalibratedNetwork } from '../../../lib/pipeline/calibrate-network.ts';
import type { TrainedNetwork } from '../../../lib/pipeline/network.ts';
import { retrainOnAll } from '../../../lib/pipeline/retrain-on-all.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { encodeCheckpoint } from '../../../lib/training/checkpoints/checkpoint.ts';
import { testWorld } from '../../support/world.ts';

const EPOCH = { epoch: 1, learningRate: 1, loss: 1, accuracy: 1, validationLoss: 1, validationAccuracy: 1 };
const NOTHING = { run: '', runtime: {}, weights: new Map(), slots: new Map(), best: undefined };

test.each([
  { what: 'a fine-tuning that strategy auto chose', timed: true, isServed: true },
  { what: 'a named strategy', timed: false, isServed: false },
])('if the retraining of $what diverges, the network before it is served: $isServed', async ({ timed, isServed }) => {
  const trained: unknown = {
    strategy: { name: 'fine-tune-top', reason: 'Worth trying.', evidence: {} },
    trains: 'head-then-tail',
    tuning: 'tail',
    ...(timed && { timed: { training: 1, epochs: 1, epoch: 1, retraining: 1, crossValidation: 0, reserve: 0 } }),
    retrain: () => Promise.reject(new RuntimeError('LOSS_NOT_FINITE', { expected: 'a finite loss', fix: 'lower the rate' })),
  };
  const context: unknown = {
    job: { id: 'job-1', attempt: 1, spec: { training: { refit: true }, compute: {} } },
    world: testWorld(),
    jobContext: { report: () => {}, secondsLeft: () => 60 },
    work: { time: (_: string, work: () => unknown) => work() },
  };
  const served = retrainOnAll(trained as TrainedNetwork, {} as CalibratedNetwork, context as TrainingContext);
  if (!isServed) return expect(served).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE' });
  expect((await served).strategy.reason).toBe(
    'Worth trying. The model trained on the training images alone: when it was retrained on training and validation images, ' +
      'its loss became infinite or not a number.',
  );
});

test.each([
  { done: undefined, left: 16, retrains: true, what: 'the whole, with a margin' },
  { done: undefined, left: 15, retrains: false, what: 'less than the whole' },
  { done: 3, left: 4, retrains: true, what: 'the rest of one that an earlier attempt has begun' },
  { done: 3, left: 3, retrains: false, what: 'less than that rest, which would end the job without a model' },
  { done: 4, left: 0, retrains: true, what: 'nothing, if it is complete' },
])('retraining for 12 s in 4 epochs with $left s left, which is $what: $retrains', async ({ done, left, retrains }) => {
  const { store, ...world } = testWorld();
  const job = { id: 'job-1', attempt: 1, spec: { training: { refit: true }, compute: { maxMinutes: 3 } } };
  if (done !== undefined) {
    const history = Array.from({ length: done }, () => EPOCH);
    const progress = { history, batches: 0, totals: { examples: 0, loss: 0, accuracy: 0 }, iterations: 0 };
    const bytes = encodeCheckpoint({ ...NOTHING, progress });
    await attemptCheckpoints(job as never, 'tail-refit', store).save(bytes);
  }
  const trained: unknown = {
    strategy: { name: 'fine-tune-top', reason: 'Worth trying.', evidence: {} },
    tuning: 'tail',
    trains: 'head-then-tail',
    timed: { training: 12, epochs: 4, epoch: 3, retraining: 12, crossValidation: 0, reserve: 0 },
    retrain: () => Promise.reject(new Error('it retrains')),
  };
  const context: unknown = {
    job: { ...job, attempt: 2 },
    world: { ...world, store },
    jobContext: { report: () => {}, secondsLeft: () => left },
    work: { time: (_: string, work: () => unknown) => work() },
  };
  const retraining = retrainOnAll(trained as TrainedNetwork, {} as CalibratedNetwork, context as TrainingContext);
  if (retrains) await expect(retraining).rejects.toThrow('it retrains');
  else expect((await retraining).strategy.reason).toContain('leaves no time to retrain');
});
