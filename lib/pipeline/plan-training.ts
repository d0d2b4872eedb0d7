import type { Evidence } from '../freezing/evidence.ts';
import { type Plan, planStrategy } from '../freezing/plan-strategy.ts';
import { gatherEvidence } from './gather-evidence.ts';
import type { TrainingContext } from './training-context.ts';

/** Evidence by backbone: trials of one search share it. */
export type KnownEvidence = Map<string, Promise<Evidence>>;

/**
 * Plans which layers to freeze for a job's spec. Gathers evidence if the strategy is `auto`. @throws as planStrategy
 */
export async function planTraining(context: TrainingContext, known: KnownEvidence = new Map()): Promise<Plan> {
  const { job, world, dataset, split, engine } = context;
  const plan = await planStrategy(job.spec, {
    trainingImages: split.train.length,
    classes: dataset.labels.length,
    runtime: engine.runtime.name,
    gather() {
      const key = JSON.stringify(job.spec.backbone);
      const evidence = known.get(key) ?? gatherEvidence(context);
      known.set(key, evidence);
      return evidence;
    },
  });
  world.log('strategy', { job: job.id, name: plan.name, cut: plan.cut, reason: plan.reason });
  return plan;
}
