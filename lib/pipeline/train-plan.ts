import { openTrunk } from '../features/trunk.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { columnsOf, type Examples } from '../training/examples.ts';
import { chooseBetter, chooseFrozen } from './choose-better.ts';
import { fineTuneStages } from './fine-tune-stages.ts';
import { fitStageHead } from './fit-stage-head.ts';
import { withHeldOut } from './held-out-scores.ts';
import type { TrainedNetwork } from './network.ts';
import { trainHead } from './train-head.ts';
import { trainTail } from './train-tail.ts';
import type { TrainingContext } from './training-context.ts';
import { addSeconds } from './work-log.ts';

/**
 * From a plan to a trained network: computes the features at the cut, then trains the layers after it.
 * @throws as extractFeatures, checkPhasesMemory and trainPhases
 */
export async function trainPlan(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const trained = await trainByStrategy(plan, context);
  context.work.add(trained);
  return trained;
}

function trainByStrategy(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  if (plan.comparesStages === true) return compareStages(plan, context);
  if (plan.cut === 'stages') return fitStageHead(plan, context);
  if (!plan.tail) return trainHead(plan, plan.cut, context);
  if (!plan.warmUp) return trainTail(plan, context);
  return warmUpAndFineTune(plan, context);
}

async function warmUpAndFineTune(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  return fineTuneStages(plan, await trainHead(plan, 'top', context), context);
}

/** A head on the top, one in closed form on all stages, and a fine-tuning where it is planned: the simplest that is not worse. */
async function compareStages(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const stages = await withHeldOut(await fitStageHead(plan, context), context);
  const top = await withHeldOut(await trainHead(plan, 'top', context, await topExamples(stages, context)), context);
  const chosen = await chooseFrozen(top, stages, plan, context);
  const frozen = { ...chosen, close: stages.close };
  if (!plan.tail) return frozen;
  // Its work is counted with that of the head on the top, with which it began.
  const tuned = await fineTuneStages(plan, top, context);
  const work = { seconds: addSeconds(stages.seconds, tuned.seconds), features: tuned.features };
  if (chosen.strategy.name === 'stage-features') return { ...(await chooseBetter(frozen, tuned, plan, context)), ...work };
  // Between the head on the top and the layers that trained behind it, the interpolation of their weights has decided.
  const evidence = { ...tuned.strategy.evidence, ...chosen.strategy.evidence };
  return {
    ...tuned,
    ...work,
    strategy: { ...tuned.strategy, evidence },
    async close() {
      await tuned.close();
      await stages.close();
    },
  };
}

/** The features at the top of the backbone, out of those of all stages. */
async function topExamples({ trunk: { blocks = [] }, examples, features }: TrainedNetwork, { job, world }: TrainingContext) {
  const trunk = await openTrunk(job.spec.backbone, { cut: 'top', pooling: 'globalAveragePool' }, world.store);
  const top = blocksOf(blocks).find(({ name }) => name === 'top');
  if (top === undefined) return undefined;
  const of = (part: Examples) => columnsOf(part, top);
  const { train, validation, test, trainAndValidation } = examples;
  return {
    trunk,
    examples: { train: of(train), validation: of(validation), test: of(test), trainAndValidation: of(trainAndValidation) },
    features,
    close: async () => {},
  };
}
