import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobProgress } from '../../../../lib/contracts/job.ts';
import { CapacityError } from '../../../../lib/errors.ts';
import type { TuningPlan } from '../../../../lib/freezing/plan-strategy.ts';
import { loadOrCompute } from '../../../../lib/jobs/computed-once.ts';
import { type Network, tuningTimesOf } from '../../../../lib/pipeline/network.ts';
import { trainPlan } from '../../../../lib/pipeline/train-plan.ts';
import type { TrainingContext } from '../../../../lib/pipeline/training-context.ts';
import type { EngineNetwork } from '../../../../lib/training/engine.ts';
import type { TrainingEngine } from '../../../../lib/training/start-engine.ts';
import { topCut, topPlan, trashTraining, withoutTimeFor } from '../../../support/training-context.ts';

/** A rate so low leads downhill all of the way. */
const slow = { epochs: 2, learningRateFactor: 0.003 };
const deeper = { ...topCut, cut: { layer: 'block6d_add' } };
const plan: TuningPlan = { ...topPlan, deeper };
/** Only the head trains behind these, which lowers the loss less than training it with the top stages. */
const allLayers: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

/** A kernel and biases. */
const HEAD_WEIGHTS = 2;

describe('stages that train behind a head', () => {
  test.each([
    {
      name: 'the layers below train as well where that lowers the loss further',
      plan: { ...topPlan, deeper },
      cut: 'block6d_add',
    },
    {
      name: 'the top stages stay as they were where training with the layers below lowers it less',
      plan: { ...topPlan, deeper: { ...deeper, frozen: allLayers } },
      cut: 'block7a_project_bn',
    },
  ])('after a fine-tuning that is kept whole, $name', async ({ plan, cut }) => {
    const context = await trashTraining({ fineTuning: slow });
    const before = countVariables();
    const { strategy, trunk, model, head, retrain, close } = await trainPlan(plan, context);
    expect(countVariables() - before, 'only the result and the first head stay').toBe(model.weights.length + HEAD_WEIGHTS);
    expect(trunk.cut).toBe(cut);
    expect(strategy.evidence.blend).toBe(1);
    const [topLoss, deeperLoss] = [strategy.evidence['validationLoss.top'] ?? 0, strategy.evidence['validationLoss.deeper'] ?? 0];
    expect(deeperLoss < topLoss).toBe(cut === 'block6d_add');
    expect(strategy.evidence['validationLoss.1']).toBe(Math.min(topLoss, deeperLoss));
    expect(strategy.reason).toContain(`the loss changed from ${topLoss.toFixed(3)} to ${deeperLoss.toFixed(3)}`);
    expect(strategy.reason.includes('the first result was kept')).toBe(cut === 'block7a_project_bn');
    const other = await retrain({ name: 'refit' });
    expect(other.model.countParams()).toBe(model.countParams());
    expect(head.outputs[0]?.shape).toEqual([null, 6]);
    await close();
  });

  test('a training that is interrupted in the first stages and in those below ends in the same bytes', async () => {
    const context = await trashTraining({ training: { epochs: 1, batchSize: 16 }, fineTuning: slow });
    const calm = await trainPlan(plan, context);
    const words: string[] = [];
    for (const [attempt, at] of [2, 4, undefined].entries()) {
      const stop = new AbortController();
      const report = ({ stage }: JobProgress): void => {
        if (stage === 'train') words.push(stage);
        if (words.length === at) stop.abort(new Error('the machine goes away'));
      };
      const jobContext = { ...context.jobContext, report, signal: stop.signal };
      const training = trainPlan(plan, { ...context, job: { ...context.job, id: 'job-2', attempt: attempt + 1 }, jobContext });
      if (at !== undefined) await expect(training).rejects.toThrow('the machine goes away');
      else expect(await weightsOf(await training)).toEqual(await weightsOf(calm));
    }
    expect(words.length, 'epochs of the head, of the top stages and of those below, none of them twice').toBe(5);
  });

  describe('of strategy auto, within the time that a job has', () => {
    const asked = { training: { epochs: 1, batchSize: 16 }, fineTuning: slow, compute: { maxMinutes: 3 } } as const;

    test('a fine-tuning that would take too long is left out, and the record says why', async () => {
      const context = await trashTraining(asked);
      const { strategy, trunk, close } = await trainPlan(plan, {
        ...context,
        jobContext: { ...context.jobContext, secondsLeft: () => 5 },
      });
      expect(strategy.name).toBe('feature-extraction');
      expect(trunk.cut).toBe('top_activation');
      expect(strategy.reason).toMatch(/There was no time for fine-tuning \(fine-tune-top\): .*compute\.maxMinutes \(3\) leaves/);
      expect(strategy.evidence.expectedMinutes).toBeGreaterThan(0);
      await close();
    });

    test.each([
      { budgetMinutes: 30, epochs: 4, said: 'Worth trying.' },
      {
        budgetMinutes: 20,
        epochs: 2,
        said: 'Worth trying. Fine-tuning had 2 epochs, because with 4 it would take 28 minutes here, more than fineTuning.budgetMinutes (20) allows.',
      },
      {
        budgetMinutes: 13,
        epochs: 0,
        said: 'Worth trying. There was no time for fine-tuning (fine-tune-top): it would take 28 minutes here, more than fineTuning.budgetMinutes (13) allows, so all layers stayed frozen.',
      },
    ])('with $budgetMinutes minutes for fine-tuning it has $epochs of 4 epochs', async ({ budgetMinutes, epochs, said }) => {
      const context = await trashTraining({
        training: { epochs: 1, batchSize: 16 },
        fineTuning: { ...slow, epochs: 4, budgetMinutes },
      });
      // Three steps for the training images of an epoch, and four for those of validation as well.
      await loadOrCompute({ job: context.job, name: 'speed-tail', schema: z.unknown() }, context.world.store, async () => ({
        step: 60,
        evaluation: 0,
      }));
      const { strategy, history, close } = await trainPlan(topPlan, context);
      expect(history).toHaveLength(1 + epochs);
      expect(strategy.reason).toBe(said);
      await close();
    });

    test('the smaller plan is tried instead, where there is one', async () => {
      const context = await trashTraining(asked);
      const { strategy, trunk, close } = await trainPlan(
        { ...topPlan, name: 'fine-tune-all', cut: 'images', smaller: topCut },
        withoutTimeFor('tail', context),
      );
      expect(strategy.name).toBe('fine-tune-top');
      expect(trunk.cut).toBe('block7a_project_bn');
      await close();
    });

    test('it ends before an epoch for which no time is left, and the record says so', async () => {
      const context = await trashTraining({ ...asked, fineTuning: { ...slow, epochs: 4 } });
      let epochs = 0;
      const report = ({ stage }: JobProgress): void => {
        if (stage === 'train') epochs++;
      };
      // One epoch is the head's.
      const jobContext = { ...context.jobContext, report, secondsLeft: () => (epochs < 3 ? 1000 : 0) };
      const ended = await trainPlan(topPlan, { ...context, jobContext });
      const { strategy, history, close } = ended;
      const timed = tuningTimesOf(ended);
      expect(history).toHaveLength(3);
      expect(strategy.reason).toContain(
        'Fine-tuning ended after 2 epochs: compute.maxMinutes (3) leaves no time for another epoch.',
      );
      expect(timed?.retraining).toBeGreaterThan(0);
      // A later attempt may have more time, or none that a fine-tuning could begin with.
      for (const left of [1000, 5]) {
        const later = { ...context.jobContext, secondsLeft: () => left };
        const again = await trainPlan(topPlan, { ...context, job: { ...context.job, attempt: 2 }, jobContext: later });
        const results = { ...again.strategy, timed: tuningTimesOf(again), history: again.history };
        expect(results).toEqual({ ...strategy, timed, history });
        expect(await weightsOf(again)).toEqual(await weightsOf(ended));
        await again.close();
      }
      await close();
    });

    test.each([
      { left: 8, name: 'feature-extraction', epochs: 1, said: 'its first epoch would take 0.05 minutes here' },
      { left: 10, name: 'fine-tune-top', epochs: 5, said: 'Worth trying.' },
    ])(
      'with $left s left after an interruption in its first epoch, the result is $name',
      async ({ left, name, epochs, said }) => {
        const context = await trashTraining({ ...asked, fineTuning: { ...slow, epochs: 4 } });
        // Three seconds for an epoch, and five to publish.
        await loadOrCompute({ job: context.job, name: 'speed-tail', schema: z.unknown() }, context.world.store, async () => ({
          step: 1,
          evaluation: 0,
        }));
        await interruptTuning(context, 0);
        const jobContext = { ...context.jobContext, secondsLeft: () => left };
        const { strategy, history, close } = await trainPlan(topPlan, {
          ...context,
          job: { ...context.job, attempt: 2 },
          jobContext,
        });
        expect(strategy).toMatchObject({ name, reason: expect.stringContaining(said) });
        expect(history).toHaveLength(epochs);
        await close();
      },
    );

    test.each([
      {
        plan: topPlan,
        kept: 'feature-extraction',
        said: 'Fine-tuning (fine-tune-top) did not fit into memory, so all layers stayed frozen.',
      },
      {
        plan: { ...topPlan, name: 'fine-tune-all', cut: { layer: 'block6d_add' }, smaller: topCut } as const,
        kept: 'fine-tune-top',
        said: 'It was tried instead of fine-tune-all, because that did not fit into memory.',
      },
    ])('where $plan.name does not fit into memory, $kept is the result', async ({ plan, kept, said }) => {
      const context = await trashTraining(asked);
      let networks = 0;
      const open: TrainingEngine['open'] = async (model) => {
        const network = await context.engine.open(model);
        // The first network is the head, which fits.
        return networks++ === 1 ? Object.assign(Object.create(network), { checkMemory: tooLarge }) : network;
      };
      const engine = Object.assign(Object.create(context.engine), { open });
      const before = countVariables();
      const { strategy, model, close } = await trainPlan(plan, { ...context, engine });
      expect(strategy).toMatchObject({ name: kept, reason: expect.stringContaining(said) });
      const tuned = kept === 'fine-tune-top' ? model.weights.length : 0;
      expect(countVariables() - before, 'what did not fit takes no memory').toBe(tuned + HEAD_WEIGHTS);
      await close();
      const later = await trainPlan(plan, { ...context, job: { ...context.job, attempt: 2 } });
      expect(later.strategy, 'a later attempt with more memory decides alike').toEqual(strategy);
      await later.close();
    });

    test.each([
      { epochs: 0, what: 'is left out' },
      { epochs: 1, what: 'is retried' },
    ])(
      'a fine-tuning of which $epochs epochs are finished $what where it does not fit into memory any more',
      async ({ epochs }) => {
        const context = await trashTraining(asked);
        await interruptTuning(context, epochs);
        let networks = 0;
        const open: TrainingEngine['open'] = async (model) => {
          const network = await context.engine.open(model);
          return networks++ === 1 ? Object.assign(Object.create(network), { checkMemory: tooLarge }) : network;
        };
        const engine = Object.assign(Object.create(context.engine), { open });
        const training = trainPlan(topPlan, { ...context, engine, job: { ...context.job, attempt: 2 } });
        if (epochs > 0) return expect(training).rejects.toMatchObject({ code: 'MEMORY_TOO_SMALL', retryable: true });
        const { strategy, close } = await training;
        expect(strategy.reason).toContain('did not fit into memory');
        await close();
      },
    );

    test.each([
      { from: 'TensorFlow', thrown: 'Invalid TF_Status: 8\nMessage: OOM when allocating tensor', code: undefined },
      { from: 'a GPU that was lost', thrown: 'CUDA_ERROR_LAUNCH_FAILED', code: 'DEVICE_LOST' },
    ])('an error of $from in the first step counts as one in the training', async ({ thrown, code }) => {
      const context = await trashTraining(asked);
      let networks = 0;
      const open: TrainingEngine['open'] = async (model) => {
        const network = await context.engine.open(model);
        const openTrainer = () => {
          throw new Error(thrown);
        };
        // The first network is the head. The first step of the second one is timed.
        return networks++ === 1 ? Object.assign(Object.create(network), { openTrainer }) : network;
      };
      const engine = Object.assign(Object.create(context.engine), { open });
      const training = trainPlan(topPlan, { ...context, engine });
      if (code !== undefined) return expect(training).rejects.toMatchObject({ code, retryable: true });
      const { strategy, close } = await training;
      expect(strategy.reason).toContain('Fine-tuning (fine-tune-top) did not fit into memory');
      await close();
    });

    test('a strategy that the user names fails where it does not fit into memory', async () => {
      const context = await trashTraining(asked);
      const open: TrainingEngine['open'] = async (model) =>
        Object.assign(Object.create(await context.engine.open(model)), { checkMemory: tooLarge });
      const engine = Object.assign(Object.create(context.engine), { open });
      const training = trainPlan({ ...topPlan, chosenBy: 'user' }, { ...context, engine });
      await expect(training).rejects.toMatchObject({ code: 'MEMORY_TOO_SMALL' });
    });

    const stages = { ...topPlan, comparesStages: true };
    test.each([
      { what: 'a fine-tuning', plan: topPlan, from: 1, kept: 'feature-extraction', cut: 'top_activation' },
      { what: 'the head that it begins with', plan: stages, from: 1, kept: 'stage-features', cut: 'stages' },
      { what: 'a fine-tuning', plan: stages, from: 2, kept: 'stage-features', cut: 'stages' },
      // Effort best compares by folds even if the validation images show that the fine-tuned network is worse.
      { what: 'a fold', plan: { ...stages, carriesStages: true }, from: 3, kept: 'stage-features', cut: 'stages' },
    ] as const)('if the loss of $what becomes infinite, $kept is the result', async ({ plan, from, kept, cut }) => {
      const context = await trashTraining(asked);
      const before = countVariables();
      const { strategy, trunk, model, close } = await trainPlan(plan, divergingTraining(from, context));
      expect(strategy.name).toBe(kept);
      expect(strategy.reason).toBe('Worth trying. Fine-tuning was tried and not kept: its loss became infinite or not a number.');
      expect(trunk.cut).toBe(cut);
      const heads = kept === 'stage-features' ? 2 : 1;
      expect(countVariables() - before, 'the weights of the fine-tuning take no memory').toBe(heads * HEAD_WEIGHTS);
      expect(model.outputs[0]?.shape).toEqual([null, 6]);
      await close();
      const later = await trainPlan(plan, { ...context, job: { ...context.job, attempt: 2 } });
      expect(later.strategy, 'a later attempt does not fine-tune').toEqual(strategy);
      await later.close();
    });

    test('the top stages stay as they were if training with the layers below diverges', async () => {
      const context = await trashTraining({ ...asked, training: { epochs: 3, batchSize: 16 } });
      const { strategy, trunk, close } = await trainPlan(plan, divergingTraining(2, context));
      expect(strategy.name).toBe('fine-tune-top');
      expect(trunk.cut).toBe('block7a_project_bn');
      expect(strategy.reason).toContain(
        'training the layers after block6d_add was tried too, but its loss became infinite or not a number, so the first result was kept.',
      );
      await close();
    });

    test('a strategy that the user names fails if it diverges', async () => {
      const context = await trashTraining(asked);
      const training = trainPlan({ ...topPlan, chosenBy: 'user' }, divergingTraining(1, context));
      await expect(training).rejects.toMatchObject({ code: 'LOSS_NOT_FINITE' });
    });

    test('the layers below have no turn that would exceed the budget of fine-tuning', async () => {
      const context = await trashTraining({ ...asked, fineTuning: { ...slow, budgetMinutes: 100_000 } });
      const { strategy, trunk, close } = await trainPlan(plan, withoutTimeFor('deeper', context));
      expect(trunk.cut).toBe('block7a_project_bn');
      expect(strategy.reason).toContain('There was no time to train the layers after block6d_add as well');
      await close();
    });

    test('timing its steps changes nothing that is trained', async () => {
      const named = await trainPlan({ ...topPlan, chosenBy: 'user' }, await trashTraining(asked));
      const chosen = await trainPlan(topPlan, await trashTraining(asked));
      expect(tuningTimesOf(chosen)?.training).toBeGreaterThan(0);
      expect(tuningTimesOf(named)).toBeUndefined();
      expect(await weightsOf(chosen)).toEqual(await weightsOf(named));
    });
  });
});

/** Runs an attempt that ends in the epoch of the fine-tuning after so many. */
async function interruptTuning(context: TrainingContext, epochs: number): Promise<void> {
  const stop = new AbortController();
  let isTuning = false;
  let finished = 0;
  const log = (event: string) => {
    if (event === 'tuning.timed') isTuning = true;
    if (event === 'epoch' && isTuning) finished++;
  };
  const flush = async () => {
    if (isTuning && finished === epochs) stop.abort(new Error('the machine goes away'));
  };
  const jobContext = { ...context.jobContext, flush, signal: stop.signal };
  const training = trainPlan(topPlan, { ...context, world: { ...context.world, log }, jobContext });
  await expect(training).rejects.toThrow('the machine goes away');
}

/** A context whose engine computes a loss that is not a number, in the networks after the first ones. */
function divergingTraining(first: number, context: TrainingContext): TrainingContext {
  let networks = 0;
  const open: TrainingEngine['open'] = async (model) => {
    const network = await context.engine.open(model);
    if (networks++ < first) return network;
    const openTrainer: EngineNetwork['openTrainer'] = (options) => {
      const trainer = network.openTrainer(options);
      const readOutcomes = async () => (await trainer.readOutcomes()).map((outcome) => ({ ...outcome, loss: Number.NaN }));
      return Object.assign(Object.create(trainer), { readOutcomes });
    };
    return Object.assign(Object.create(network), { openTrainer });
  };
  return { ...context, engine: Object.assign(Object.create(context.engine), { open }) };
}

/** All variables that TF.js holds, whether anything refers to them or not. */
function countVariables(): number {
  return Object.keys(tf.engine().registeredVariables).length;
}

async function tooLarge(): Promise<void> {
  throw new CapacityError('MEMORY_TOO_SMALL', { expected: 'at most 1 GiB', received: '2 GiB', fix: 'freeze more' });
}

async function weightsOf({ model }: Network): Promise<unknown> {
  return Promise.all(model.getWeights().map((weights) => weights.data()));
}
