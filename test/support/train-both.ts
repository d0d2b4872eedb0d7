import type { TuningPlan } from '../../lib/freezing/plan-strategy.ts';
import { fitStageHead } from '../../lib/pipeline/fit-stage-head.ts';
import { trainHead } from '../../lib/pipeline/train-head.ts';
import type { TrainingContext } from '../../lib/pipeline/training-context.ts';
import { fineTuneStages } from '../../lib/pipeline/tuning/fine-tune-stages.ts';
import { stagesPlan, topPlan } from './training-context.ts';

/** A head on all stages, and the same backbone fine-tuned behind a head on the top. */
export async function trainBoth(plan: TuningPlan, context: TrainingContext) {
  const frozen = await fitStageHead(stagesPlan, context);
  const warm = await trainHead(topPlan, 'top', context);
  const tuned = await fineTuneStages({ ...plan, chosenBy: 'user' }, warm, context);
  if (tuned.trains !== 'head-then-tail') throw new Error('a fine-tuning that the user names is kept');
  return { frozen, tuned };
}
