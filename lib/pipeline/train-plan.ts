import { closeOnFailure } from '../close-on-failure.ts';
import { openTrunk } from '../features/open-trunk.ts';
import { whyNothingToGain } from '../freezing/headroom.ts';
import type { Plan, TuningPlan } from '../freezing/plan-strategy.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { type Examples, selectColumns } from '../training/examples.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { balancedScore } from '../training/metrics/balanced-score.ts';
import { taskScore } from '../training/metrics/task-score.ts';
import { withCrop } from './comparisons/choose-crop.ts';
import { withSentence } from './extend-strategy.ts';
import { reportInterim, unlessFinished } from './finish-early.ts';
import { fitStageHead } from './fit-stage-head.ts';
import { heldOutScores } from './held-out-scores.ts';
import type { TrainedHead, TrainedNetwork } from './network.ts';
import { trainHead } from './train-head.ts';
import { trainTail } from './train-tail.ts';
import type { TrainingContext } from './training-context.ts';
import { chooseBetter } from './tuning/choose-better.ts';
import { wasFinishedEarly } from './tuning/explain-tuning.ts';
import { fineTuneStages } from './tuning/fine-tune-stages.ts';
import { unlessDiverged } from './unless-failed.ts';

/**
 * Trains a network by a plan: computes the features at the cut, then trains the layers after it.
 * @throws as extractFeatures, checkPhasesMemory and trainPhases
 */
export async function trainPlan(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const trained = await trainByStrategy(plan, context);
  context.work.add(trained);
  return { ...trained, strategy: withCrop(trained.strategy, context.crop) };
}

function trainByStrategy(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  switch (plan.trains) {
    case 'head':
      return trainHead(plan, plan.cut, context);
    case 'stage-head':
      return fitStageHead(plan, context);
    case 'tail':
      return trainTail(plan, context);
    case 'head-then-tail':
      return plan.comparesStages === true ? compareWithStages(plan, context) : warmUpAndFineTune(plan, context);
  }
}

async function warmUpAndFineTune(plan: TuningPlan, context: TrainingContext): Promise<TrainedNetwork> {
  const head = await trainHead(plan, 'top', context);
  const frozen = { ...head, strategy: { ...head.strategy, name: 'feature-extraction' as const } };
  const tuned = await closeOnFailure(head, async () => {
    await reportInterim(frozen, plan, context);
    return unlessFinished(context, (watched) => orFrozen(frozen, plan, watched, () => fineTuneStages(plan, head, watched)));
  });
  return tuned ?? { ...frozen, strategy: wasFinishedEarly(frozen.strategy, 'fine-tuning') };
}

/**
 * A linear head on the features of all stages and, where it can show a gain, a fine-tuning: the simpler one, unless the
 * other is better.
 */
async function compareWithStages(plan: TuningPlan, context: TrainingContext): Promise<TrainedNetwork> {
  const fitted = await fitStageHead(plan, context);
  const frozen = { ...fitted, strategy: { ...fitted.strategy, name: 'stage-features' as const } };
  return closeOnFailure(frozen, () => fineTuneUnlessSolved(frozen, plan, context));
}

async function fineTuneUnlessSolved(frozen: TrainedHead, plan: TuningPlan, context: TrainingContext): Promise<TrainedNetwork> {
  const held = await heldOutScores(frozen, context);
  const stages = { ...frozen, held };
  const enough = whyNothingToGain(taskScore(held.scores), {
    balanced: balancedScore(held.scores),
    images: held.scores.count,
    task: held.scores.task,
    thorough: context.job.spec.effort === 'best',
  });
  if (enough !== undefined) return { ...stages, strategy: withSentence(stages.strategy, enough) };
  await reportInterim(stages, plan, context);
  const better = await unlessFinished(context, (watched) =>
    orFrozen(stages, plan, watched, () => tuneAndCompare(stages, plan, watched)),
  );
  return better ?? { ...stages, strategy: wasFinishedEarly(stages.strategy, 'fine-tuning') };
}

/** Fine-tunes from a head on the top features, and keeps the result if it is better than the frozen network. */
async function tuneAndCompare(stages: TrainedHead, plan: TuningPlan, context: TrainingContext): Promise<TrainedNetwork> {
  const top = await trainHead(plan, 'top', context, await topExamples(stages, context));
  // The work of the fine-tuned network is counted with that of the head on the top, with which it began.
  const tuned = await closeOnFailure(top, () => fineTuneStages(plan, top, context));
  const close = async () => {
    await tuned.close();
    disposeWeights(tuned.model, stages.model);
  };
  const better = await closeOnFailure({ close }, () => chooseBetter(stages, tuned, plan, context));
  if (better.model === stages.model) disposeWeights(tuned.model, stages.model);
  return {
    ...better,
    seconds: stages.seconds + tuned.seconds,
    async close() {
      await tuned.close();
      await stages.close();
    },
  };
}

/** Fine-tunes. Strategy `auto` keeps the frozen network if that diverges; a strategy that the user names fails. */
function orFrozen(
  frozen: TrainedHead,
  plan: TuningPlan,
  context: TrainingContext,
  tune: () => Promise<TrainedNetwork>,
): Promise<TrainedNetwork> {
  if (plan.chosenBy === 'user') return tune();
  const seconds = context.work.startTraining();
  const kept = (why: string): TrainedNetwork => ({
    ...frozen,
    strategy: withSentence(frozen.strategy, `Fine-tuning was tried and not kept: ${why}.`),
    seconds: frozen.seconds + seconds(),
  });
  return unlessDiverged('fine-tuning', tune, kept, context);
}

/** Selects the top features from those of all stages. */
async function topExamples(
  { trunk: { blocks = [] }, examples, processor }: TrainedNetwork,
  { job, world, jobContext: { signal } }: TrainingContext,
) {
  const end = { cut: 'top', pooling: 'globalAveragePool' } as const;
  const trunk = await openTrunk(job.spec.backbone, end, world.store, signal);
  const top = blocksOf(blocks).find(({ name }) => name === 'top');
  if (top === undefined) return undefined;
  const of = (part: Examples) => selectColumns(part, top);
  const { train, validation, test, trainAndValidation } = examples;
  return {
    trunk,
    examples: { train: of(train), validation: of(validation), test: of(test), trainAndValidation: of(trainAndValidation) },
    processor,
    close: async () => {},
  };
}
