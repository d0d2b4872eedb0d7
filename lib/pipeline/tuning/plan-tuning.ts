import { trainAndValidationRows } from '../../datasets/splits/split-dataset.ts';
import type { TuningPlan } from '../../freezing/plan-strategy.ts';
import type { Phase } from '../../training/fit-phases.ts';
import { tailPhases, tailTraining } from '../../training/tail-phases.ts';
import { hashesOf } from '../hashes-of.ts';
import type { TrainedHead } from '../network.ts';
import type { OpenedNetwork } from '../open-network.ts';
import type { ImageVariants, PreparedExamples } from '../prepare-examples.ts';
import { checkPhasesMemory } from '../train-phases.ts';
import type { TrainingContext } from '../training-context.ts';
import { trainedOnVariants } from './augment-tail.ts';
import { budgetTuning } from './budget-tuning.ts';
import { planVariants } from './plan-variants.ts';
import type { TuningTimes } from './tuning-times.ts';
import type { WatchedTuning } from './watch-tuning.ts';

/** A fine-tuning whose network is open. */
export interface OpenedTuning {
  /** Of this training within the job. */
  readonly name: string;
  readonly plan: TuningPlan;
  /** The trained head. */
  readonly warm: TrainedHead;
  readonly opened: OpenedNetwork;
  /**
   * Whether the frozen backbone with that head may be the result. A fine-tuning of more layers is compared with that of
   * fewer ones instead.
   */
  readonly canKeepFrozen: boolean;
  /** Seconds of fine-tuning before this one. */
  readonly spent: number;
  /** Seconds of this one so far. */
  readonly seconds: () => number;
}

/** How a fine-tuning trains. */
export interface PlannedTuning {
  /** Its reason says what the available time has changed. */
  readonly plan: TuningPlan;
  readonly phases: readonly Phase[];
  /** The random variants of the images that train as well; undefined if there are none, or the features have them. */
  readonly variants?: ImageVariants;
  /** Undefined if the user named the strategy, whose time is not limited. */
  readonly watched?: Pick<WatchedTuning, 'needed' | 'hasBegun' | 'spent'>;
}

/** Why there is no time for a fine-tuning. */
export interface NoTime {
  readonly noTime: string;
  readonly needed: TuningTimes;
}

/**
 * Plans the epochs of a fine-tuning that strategy `auto` chose, and then the random variants of its images, by their
 * times on this machine. One that the user names runs however long it takes.
 * @param prepared the images that it trains on, without variants that are planned here
 * @throws as checkPhasesMemory, budgetTuning and planVariants
 */
export async function planTuning(
  { name, plan, warm, opened, spent }: OpenedTuning,
  { trunk, examples, processor }: PreparedExamples,
  context: TrainingContext,
): Promise<PlannedTuning | NoTime> {
  const { dataset, split } = context;
  const { fineTuning } = context.job.spec;
  const all = tailPhases(opened.layers, tailTraining(warm.training, fineTuning), fineTuning, false);
  await checkPhasesMemory(opened.network, context);
  if (plan.chosenBy === 'user') return { plan, phases: all };
  const timed = { name, network: opened.network, phases: all, examples };
  const budgeted = await budgetTuning(plan, timed, spent, context);
  const { needed, hasBegun, noTime, phases } = budgeted;
  if (noTime !== undefined) return { noTime, needed };
  if (!variesLater(plan)) return { plan: budgeted.plan, phases, watched: { needed, hasBegun, spent } };
  const augmentation = plan.augment?.augmentation ?? 'none';
  const images = hashesOf(dataset, trainAndValidationRows(split));
  const facts = { needed, hasBegun, name, spent, images, processor };
  const { count, seconds } = await planVariants(trunk, augmentation, facts, context);
  return {
    plan: trainedOnVariants(budgeted.plan, count),
    phases,
    ...(count > 0 && { variants: { augmentation, variants: count } }),
    watched: { needed, hasBegun, spent: spent + seconds },
  };
}

/**
 * Whether the random variants of the images are planned once the time of the epochs is known. Images that a training reads
 * themselves change with each epoch anyway.
 */
export function variesLater({ augment, cut }: TuningPlan): boolean {
  return augment?.isAutoAugmentation === true && cut !== 'images';
}
