import { expect, test } from 'vitest';
import type { CalibratedNetwork } from '../../../lib/pipeline/calibrate-network.ts';
import type { TrainedNetwork } from '../../../lib/pipeline/network.ts';
import { retrainOnAll } from '../../../lib/pipeline/retrain-on-all.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { testWorld } from '../../support/world.ts';

test.each([
  { first: 20, later: 0, retrains: true },
  { first: 10, later: 20, retrains: false },
])('with $first s for a retraining of 12 s, and $later s in a later attempt, both retrain: $retrains', async (times) => {
  const world = testWorld();
  const trained = {
    strategy: { name: 'fine-tune-top', reason: 'Worth trying.', evidence: {} },
    canRetrain: true,
    timed: { training: 12, epoch: 12, retraining: 12, crossValidation: 0, reserve: 0 },
    retrain: () => Promise.reject(new Error('the machine goes away')),
    scoreFolds: undefined,
  } as unknown as TrainedNetwork;
  const retrain = (attempt: number, left: number) => {
    const spec = { training: { refit: true }, compute: { maxMinutes: 3 } };
    const context: unknown = {
      job: { id: 'job-1', attempt, spec },
      world,
      jobContext: { report: () => {}, secondsLeft: () => left },
      work: { time: (_: string, work: () => unknown) => work() },
    };
    return retrainOnAll(trained, {} as CalibratedNetwork, context as TrainingContext);
  };
  for (const [index, left] of [times.first, times.later].entries()) {
    if (times.retrains) await expect(retrain(index + 1, left)).rejects.toThrow('the machine goes away');
    else expect((await retrain(index + 1, left)).strategy.reason).toContain('leaves no time to retrain');
  }
});
