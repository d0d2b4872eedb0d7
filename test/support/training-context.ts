import { JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import type { CutPlan } from '../../lib/freezing/cut-plan.ts';
import type { Plan, TuningPlan } from '../../lib/freezing/plan-strategy.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { openTraining } from '../../lib/pipeline/open-training.ts';
import type { TrainingContext } from '../../lib/pipeline/training-context.ts';
import { trashPhotographs } from './graft.ts';
import { testWorld } from './world.ts';

/** Opens a job. @param folder of its images; default: the photographs of the fixtures, 60 images in 6 classes */
export async function trainingContext(
  wanted: Omit<JobSpecInput, 'name' | 'dataset'>,
  folder = trashPhotographs,
): Promise<TrainingContext> {
  const world = testWorld();
  await importSource(folder, world, { name: 'trash' });
  const spec = await resolveSpec(JobSpec.parse({ name: 'trash', dataset: 'trash', ...wanted }), world.store);
  const at = world.clock.now().toISOString();
  const job = { id: 'job-1', state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 } as const;
  return openTraining(job, world, {
    report: () => {},
    flush: async () => {},
    signal: new AbortController().signal,
    beginPublishing: async (publication) => publication,
  });
}

/** The same at 32 pixels, for a few short epochs. */
export function trashTraining(wanted: Omit<JobSpecInput, 'name' | 'dataset'>): Promise<TrainingContext> {
  return trainingContext({
    backbone: { inputSize: 32 },
    split: { train: 0.6, validation: 0.3, test: 0.1 },
    training: { epochs: 3, batchSize: 16 },
    ...wanted,
  });
}

/** The top stage of EfficientNet-Lite0, which trains with its head. */
export const topCut: CutPlan<'head-then-tail'> = {
  name: 'fine-tune-top',
  trains: 'head-then-tail',
  cut: { layer: 'block7a_project_bn' },
  frozen: new Set(),
};

/** A fine-tuning of it, as strategy auto chooses it. */
export const topPlan: TuningPlan = { ...topCut, chosenBy: 'auto', reason: 'Worth trying.', evidence: {} };

/** A head on all stages of the same backbone. */
export const stagesPlan: Plan = { ...topPlan, name: 'stage-features', trains: 'stage-head', cut: 'stages' };

/** The context of a job that has no time from when it has timed a fine-tuning until it has timed another. */
export function withoutTimeFor(fineTuning: string, context: TrainingContext): TrainingContext {
  let timed: unknown;
  const log: TrainingContext['world']['log'] = (event, { name } = {}) => {
    if (event === 'tuning.timed') timed = name;
  };
  const secondsLeft = () => (timed === fineTuning ? 0 : 1000);
  return { ...context, world: { ...context.world, log }, jobContext: { ...context.jobContext, secondsLeft } };
}
