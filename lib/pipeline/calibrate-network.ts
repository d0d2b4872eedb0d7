import { type Calibrated, calibrateAndEvaluate } from '../models/calibrate-and-evaluate.ts';
import { calibrationOptions, heldOutScores } from './held-out-scores.ts';
import type { HeldOutScores, TrainedNetwork } from './network.ts';
import { lossOf, stage, type TrainingContext } from './training-context.ts';

/** A trained network with calibrated probabilities. */
export interface CalibratedNetwork extends Calibrated {
  /** The scores that it was calibrated on. */
  readonly held: HeldOutScores;
}

/**
 * Calibrates a network on scores of images that it was not trained on, and evaluates it on the validation images.
 * @throws as heldOutScores, yieldToEventLoop
 */
export async function calibrateNetwork(trained: TrainedNetwork, context: TrainingContext): Promise<CalibratedNetwork> {
  const { job, jobContext, dataset, work } = context;
  const held = await heldOutScores(trained, context);
  jobContext.report(stage('evaluate'));
  const scores = { scores: held.scores, ...calibrationOptions(held, context) };
  const calibrated = await work.time('evaluate', () =>
    calibrateAndEvaluate(trained, scores, trained.examples.validation, lossOf(job), dataset.labels),
  );
  return { ...calibrated, held };
}
