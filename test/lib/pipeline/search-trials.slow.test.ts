import { describe, expect, test } from 'vitest';
import { sum } from '../../../lib/arithmetic.ts';
import type { JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import type { Trial } from '../../../lib/contracts/search-spec.ts';
import { attemptCheckpoints } from '../../../lib/jobs/attempt-checkpoints.ts';
import type { JobContext } from '../../../lib/jobs/work-on-job.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { readCard } from '../../../lib/models/model-package.ts';
import { searchTrials } from '../../../lib/pipeline/search-trials.ts';
import { trashPhotographs } from '../../support/graft.ts';
import { runJob } from '../../support/run-job.ts';
import { trashTraining } from '../../support/training-context.ts';
import { testWorld } from '../../support/world.ts';

const rate = 'training.optimizer.learningRate';
const small: JobSpecInput = {
  name: 'trash',
  dataset: 'trash',
  backbone: { inputSize: 32 },
  strategy: 'feature-extraction',
  split: { train: 0.6, validation: 0.2, test: 0.2 },
  training: { epochs: 6, batchSize: 16 },
};

async function search(asked: Partial<JobSpecInput>) {
  const world = testWorld();
  await importSource(trashPhotographs, world, { name: 'trash' });
  const result = await runJob({ ...small, ...asked }, world);
  const card = await readCard(result, world.store);
  if (result.search === undefined) throw new Error('no search');
  return { search: result.search, card };
}

describe('a search', () => {
  test('keeps the default where no trial is better than it, and says so', async () => {
    const { search: found, card } = await search({ search: { over: { [rate]: [1e-6, 1e-5, 1e-4] } } });
    expect(found).toMatchObject({ default: 4, best: 4 });
    expect(found.trials.map(({ values }) => values[rate])).toEqual([1e-6, 1e-5, 1e-4, 0.003]);
    expect(found.reason).toMatch(/^No trial was significantly better than the default, so the default was trained/);
    expect(card.spec.training.optimizer.learningRate).toBe(0.003);
    expect(card.search).toEqual(found);
    // Those of the last rung were compared on all images that may be learnt from: a fifth of them is too few.
    const last = found.trials.filter(({ rung, rungs, trial }) => rung === rungs && trial !== found.default);
    expect(last).not.toHaveLength(0);
    for (const trial of last) {
      expect(trial).toMatchObject({ scores: 'cross-validation', images: 48, standardError: expect.any(Number) });
      expect(trial.gain ?? 0).toBeLessThanOrEqual(trial.standardError ?? 0);
    }
  });

  test('trains a trial that is better than the default by more than its standard error', async () => {
    const optimizer = { name: 'adam', learningRate: 1e-6 } as const;
    const { search: found, card } = await search({
      training: { ...small.training, optimizer },
      search: { over: { [rate]: [0.003] } },
    });
    const [best] = found.trials;
    expect(found).toMatchObject({
      best: 1,
      default: 2,
      reason: expect.stringMatching(/^The loss of trial 1 was .* lower than that of the default on 48 held-out images/),
    });
    expect(best?.gain ?? 0).toBeGreaterThan(best?.standardError ?? Number.POSITIVE_INFINITY);
    expect(card.spec.training.optimizer.learningRate).toBe(0.003);
  });

  test('that its budget ends before the last rung keeps the checkpoints of the final training', async () => {
    const over = { [rate]: [1e-4, 1e-3, 0.01], 'training.batchSize': [8, 16] };
    const { world: ofTest, ...rest } = await trashTraining({
      strategy: 'feature-extraction',
      search: { over, budgetMinutes: 1 },
    });
    let minutes = 0;
    const clock = { ...ofTest.clock, now: () => new Date(60_000 * minutes++) };
    const context = { ...rest, world: { ...ofTest, clock } };
    const { context: found, search: result } = await searchTrials(context);
    expect(result?.trials.every(({ share }) => share < 1)).toBe(true);
    const checkpoints = attemptCheckpoints(context.job, `${found.part}head`, context.world.store);
    await checkpoints.save(new Uint8Array(1));
    const resumed = await searchTrials({ ...context, job: { ...context.job, attempt: 2 } });
    expect({ part: resumed.context.part, search: resumed.search }).toEqual({ part: found.part, search: result });
    expect(await checkpoints.load()).toEqual(new Uint8Array(1));
  });

  test('whose budget ends after the default has trained for all its epochs chooses by the step before', async () => {
    const over = { [rate]: [1e-7, 1e-6], 'training.batchSize': [8, 16] };
    const { world: ofTest, ...rest } = await trashTraining({
      strategy: 'feature-extraction',
      search: { over, budgetMinutes: 100_000 },
    });
    let minutes = 0;
    const clock = { ...ofTest.clock, now: () => new Date(60_000 * minutes++) };
    const runs: Trial[] = [];
    const report: JobContext['report'] = ({ trial }) => trial && runs.push(trial);
    const context = { ...rest, world: { ...ofTest, clock }, jobContext: { ...rest.jobContext, report } };
    const { spec } = context.job;
    await searchTrials(context);
    // Time for the first step and for the default's run in the second, which comes first.
    const seconds = sum(runs.filter(({ rung }) => rung === 1).map((run) => run.seconds)) + 1;
    const search = { over, trials: 4, budgetMinutes: seconds / 60 };
    const resumed = await searchTrials({ ...context, job: { ...context.job, spec: { ...spec, search } } });
    expect(resumed.search?.trials.map(({ rung }) => rung)).toEqual([1, 1, 1, 1, 2]);
    expect(resumed.search?.reason).toMatch(/^No trial was significantly better than the default/);
    expect(resumed.context.part).toBe('trial-5-rung-2-');
  });

  test('drops a trial whose evaluation runs out of the memory of TensorFlow', async () => {
    const { engine: ofTest, ...rest } = await trashTraining({
      training: { epochs: 1, batchSize: 16 },
      fineTuning: { epochs: 1 },
      strategy: 'feature-extraction',
      search: { over: { strategy: ['fine-tune-top'] } },
    });
    const evaluate = () => {
      throw new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor');
    };
    const open: typeof ofTest.open = async (model) => {
      const network = await ofTest.open(model);
      return model.layers.length > 10 ? Object.assign(Object.create(network), { evaluate }) : network;
    };
    const engine = Object.assign(Object.create(ofTest), { open });
    const { search: found } = await searchTrials({ ...rest, engine });
    expect(found).toMatchObject({ best: 2, trials: [{ trial: 1, error: 'DEVICE_OUT_OF_MEMORY' }, { trial: 2 }] });
  });

  test('compares layers that train with a head by the validation images of both', async () => {
    const { search: found } = await search({
      training: { epochs: 1 },
      fineTuning: { epochs: 1 },
      search: { over: { strategy: ['fine-tune-top'] } },
    });
    const [tail, head] = found.trials;
    expect(tail).toMatchObject({ strategy: 'fine-tune-top', scores: 'validation', images: 12, gain: expect.any(Number) });
    expect(head).toMatchObject({ strategy: 'feature-extraction', scores: 'cross-validation', images: 48 });
    expect(head?.gain).toBeUndefined();
  });
});
