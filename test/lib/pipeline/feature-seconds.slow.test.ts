import { expect, test } from 'vitest';
import { sum } from '../../../lib/arithmetic.ts';
import { CapacityError } from '../../../lib/errors.ts';
import type { TuningPlan } from '../../../lib/freezing/plan-strategy.ts';
import { planTraining } from '../../../lib/pipeline/plan-training.ts';
import { trainPlan } from '../../../lib/pipeline/train-plan.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { startWorkLog } from '../../../lib/pipeline/work-log.ts';
import type { TrainingEngine } from '../../../lib/training/start-engine.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { topCut, topPlan, trashTraining, withoutTimeFor } from '../../support/training-context.ts';

useTensorFlow();

const lower = { ...topCut, name: 'fine-tune-all', cut: { layer: 'block6d_add' } } as const;
/** A rate so low leads downhill all of the way, so that the layers below have their turn. */
const fineTuning = { epochs: 1, learningRateFactor: 0.003 };

/** A job on images without features, whose work is timed by the clock of this machine. */
async function openJob(): Promise<TrainingContext> {
  const context = await trashTraining({ training: { epochs: 1, batchSize: 16 }, fineTuning });
  const work = startWorkLog({ ...context.world.clock, now: () => new Date() });
  return { ...context, work };
}

function expectWaitsCounted({ work }: TrainingContext): void {
  const { features, seconds } = work.total();
  const { decode, trunk, write } = features.waits ?? expect.fail('nothing was decoded');
  expect(sum([decode, trunk, write])).toBeLessThanOrEqual(seconds.features);
  expect(sum([seconds.features, seconds.train, seconds.evaluate])).toBeLessThanOrEqual(seconds.total);
}

test('the seconds of features contain the waits of those that strategy auto looks at before it plans', async () => {
  const context = await openJob();
  await planTraining(context);
  expectWaitsCounted(context);
});

/** The engine, in which the network that is opened after so many does not fit into memory. */
function withoutMemory({ engine }: TrainingContext, after: number): TrainingEngine {
  let networks = 0;
  const checkMemory = async () => {
    throw new CapacityError('MEMORY_TOO_SMALL', { expected: 'at most 1 GiB', received: '2 GiB', fix: 'freeze more' });
  };
  const open: TrainingEngine['open'] = async (model) => {
    const network = await engine.open(model);
    return networks++ === after ? Object.assign(Object.create(network), { checkMemory }) : network;
  };
  return Object.assign(Object.create(engine), { open });
}

test.each<[string, TuningPlan, number]>([
  ['a fine-tuning before a smaller one', { ...topPlan, ...lower, smaller: topCut }, 1],
  ['a fine-tuning of the layers below', { ...topPlan, deeper: lower }, 2],
])('they contain the waits of %s that is left out for want of memory', async (_, plan, after) => {
  const context = await openJob();
  const { strategy, close } = await trainPlan(plan, { ...context, engine: withoutMemory(context, after) });
  await close();
  expect(strategy.reason).toMatch(/memory/);
  expectWaitsCounted(context);
});

test.each<[string, TuningPlan, string]>([
  ['a fine-tuning before a smaller one', { ...topPlan, ...lower, smaller: topCut }, 'tail'],
  ['a fine-tuning of the layers below', { ...topPlan, deeper: lower }, 'deeper'],
])('they contain the waits of %s that is left out for want of time', async (_, plan, leftOut) => {
  const context = await openJob();
  const { strategy, close } = await trainPlan(plan, withoutTimeFor(leftOut, context));
  await close();
  expect(strategy.reason).toMatch(/no time|would take/);
  expectWaitsCounted(context);
});

test('they contain the waits of a training that fails', async () => {
  const context = await openJob();
  const flush = () => Promise.reject(new Error('the machine goes away'));
  const training = trainPlan(topPlan, { ...context, jobContext: { ...context.jobContext, flush } });
  await expect(training).rejects.toThrow('the machine goes away');
  expectWaitsCounted(context);
});
