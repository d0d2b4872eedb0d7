import { expect, test } from 'vitest';
import { z } from 'zod';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import type { TuningPlan } from '../../../../lib/freezing/plan-strategy.ts';
import { attemptCheckpoints } from '../../../../lib/jobs/attempt-checkpoints.ts';
import { loadOrCompute } from '../../../../lib/jobs/computed-once.ts';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import { budgetTuning } from '../../../../lib/pipeline/tuning/budget-tuning.ts';
import type { Tuning } from '../../../../lib/pipeline/tuning/time-tuning.ts';
import { encodeCheckpoint } from '../../../../lib/training/checkpoints/checkpoint.ts';
import { epochsOf } from '../../../../lib/training/fit-phases.ts';
import { topPlan } from '../../../support/training-context.ts';
import { testWorld } from '../../../support/world.ts';

const [EPOCHS, SECONDS] = [8, 60];

interface Times {
  /** Seconds until the job's limit. */
  readonly left?: number;
  readonly budgetMinutes?: number;
  readonly attempt?: number;
}

/** A job whose epochs take a minute each, as it has measured, and whose other steps take five seconds. */
async function openJob() {
  const world = testWorld();
  const createdAt = world.clock.now().toISOString();
  const base = { id: 'job-1', state: 'RUNNING', createdAt, updatedAt: createdAt } as const;
  const of = { count: 16 };
  const training = { ...JobSpec.parse({ name: 'cards', dataset: 'cards' }).training, epochs: EPOCHS, batchSize: 16 };
  const tuning = {
    name: 'tail',
    phases: [{ trainable: [], training }],
    examples: { train: of, validation: of, test: of, trainAndValidation: of },
  } as unknown as Tuning;
  return async (plan: TuningPlan, { left = 10_000, budgetMinutes = 20, attempt = 1 }: Times) => {
    const spec = JobSpec.parse({
      name: 'cards',
      dataset: 'cards',
      compute: { maxMinutes: 30 },
      training: { refit: false },
      fineTuning: { budgetMinutes },
    });
    const job = { ...base, spec, attempt };
    const context = { job, world, jobContext: { secondsLeft: () => left } } as unknown as TrainingContext;
    const speed = { step: SECONDS, evaluation: 0 };
    await loadOrCompute({ job, name: 'speed-tail', schema: z.unknown() }, world.store, async () => speed);
    const { phases, plan: planned, noTime } = await budgetTuning(plan, tuning, 0, context);
    return { epochs: epochsOf(phases), reason: planned.reason, noTime, job, store: world.store };
  };
}

/** The checkpoint of a training that has finished so many epochs. */
function checkpointAfter(epochs: number): Uint8Array {
  const epoch = { learningRate: 1, loss: 1, accuracy: 1, validationLoss: 1, validationAccuracy: 1 };
  const history = Array.from({ length: epochs }, (_, index) => ({ ...epoch, epoch: index + 1 }));
  const progress = { history, batches: 0, totals: { examples: 0, loss: 0, accuracy: 0 }, iterations: 0 };
  return encodeCheckpoint({ run: '', runtime: {}, progress, weights: new Map(), slots: new Map(), best: undefined });
}

/** Seconds until the limit that so many epochs need, with a margin of 30% and the time to publish. */
const leftFor = (epochs: number): number => epochs * SECONDS * 1.3 + 5;

test.each([
  { what: 'all of the time', times: {}, epochs: 8, said: '' },
  {
    what: 'a limit that permits five epochs',
    times: { left: leftFor(5) },
    epochs: 5,
    said: ' Fine-tuning had 5 epochs, because with 8 it would take 8 minutes here, and compute.maxMinutes (30) leaves 6.5 minutes.',
  },
  {
    what: 'a budget that permits five epochs',
    times: { budgetMinutes: 5.5 },
    epochs: 5,
    said: ' Fine-tuning had 5 epochs, because with 8 it would take 8 minutes here, more than fineTuning.budgetMinutes (5.5) allows.',
  },
  {
    what: 'a budget for six epochs and a limit for four',
    times: { budgetMinutes: 6, left: leftFor(4) },
    epochs: 4,
    said: ' Fine-tuning had 4 epochs, because with 8 it would take 8 minutes here, more than fineTuning.budgetMinutes (6) allows.',
  },
])('with $what a fine-tuning has $epochs of 8 epochs', async ({ times, epochs, said }) => {
  const planned = await (await openJob())(topPlan, times);
  expect(planned).toMatchObject({ epochs, noTime: undefined });
  expect(planned.reason).toBe(`${topPlan.reason}${said}`);
});

test('without time for half of the epochs there is none for the fine-tuning', async () => {
  const { noTime } = await (await openJob())(topPlan, { left: leftFor(4) - 1 });
  expect(noTime).toBe('it would take 8 minutes here, and compute.maxMinutes (30) leaves 5.2 minutes');
});

test('a later attempt, which has less time or more, plans the same epochs for the same reason', async () => {
  const plan = await openJob();
  const { epochs, reason, job, store } = await plan(topPlan, { left: leftFor(5) });
  expect(epochs).toBe(5);
  await attemptCheckpoints(job, 'tail', store).save(checkpointAfter(2));
  for (const left of [leftFor(1), 10_000])
    expect(await plan(topPlan, { left, attempt: 2 })).toMatchObject({ epochs, reason, noTime: undefined });
});

test('what an earlier version of Graft has begun keeps its epochs, whatever the limit', async () => {
  const plan = await openJob();
  const { job, store } = await plan(topPlan, {});
  await store.delete('checkpoints/job-1/epochs-tail.json');
  await attemptCheckpoints(job, 'tail', store).save(checkpointAfter(2));
  expect(await plan(topPlan, { left: leftFor(5), attempt: 2 })).toMatchObject({ epochs: 8, noTime: undefined });
});
