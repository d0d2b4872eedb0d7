import type { EngineNetwork } from '../training/engine.ts';
import { effectivePhases, type FittedPhases, type Phase } from '../training/fit-phases.ts';
import type { TrainedNetwork } from './network.ts';
import { type RetrainOptions, trainingSet, withSeed } from './retraining.ts';
import { trainPhases } from './train-phases.ts';
import type { TrainingContext } from './training-context.ts';

/** A training in phases, and what came of it. */
export interface FinishedTraining {
  readonly phases: readonly Phase[];
  readonly fitted: FittedPhases;
  /** Whether its network has the weights of its best epoch or of its last one; default: best. */
  readonly keep?: 'best' | 'last';
  readonly examples: TrainedNetwork['examples'];
}

/**
 * Trains another network as a finished training did, for the epochs that helped.
 * @param name of this training within the job, and of its checkpoints
 * @throws as trainPhases
 */
export async function repeatPhases(
  name: string,
  network: EngineNetwork,
  { phases, fitted, keep, examples }: FinishedTraining,
  retrainOptions: RetrainOptions,
  context: TrainingContext,
): Promise<void> {
  const repeated = effectivePhases(phases, fitted, keep).map((phase) => ({
    ...phase,
    training: withSeed(phase.training, retrainOptions),
  }));
  await trainPhases(name, network, repeated, trainingSet(examples, retrainOptions), context, { keep: 'last' });
}
