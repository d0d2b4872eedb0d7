import type { Plan } from '../freezing/plan-strategy.ts';
import { fineTuneStages } from './fine-tune-stages.ts';
import type { TrainedNetwork } from './network.ts';
import type { TrainingContext } from './prepare-examples.ts';
import { trainHead } from './train-head.ts';
import { trainTail } from './train-tail.ts';

/** From a plan to a trained network: features up to the cut, then what is behind it trains. @throws as extractFeatures, foretellMemory and trainPhases */
export async function trainPlan(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  if (!plan.tail) return trainHead(plan, plan.cut, context);
  if (!plan.warmUp) return trainTail(plan, context);
  return fineTuneStages(plan, await trainHead(plan, 'top', context), context);
}
