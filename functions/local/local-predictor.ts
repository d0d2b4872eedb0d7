import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { openPredictionKeeper } from '../../lib/inference/prediction-keeper.ts';
import { openPredictor, type Predictor } from '../../lib/inference/predictor.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import type { World } from '../../lib/ports.ts';

/**
 * Opens what predicts on this machine: models compute in worker threads.
 * @param keeps whether predictions of models that ask for it are kept
 */
export function openLocalPredictor(world: World, keeps = true): Predictor {
  const keeper = keeps ? openPredictionKeeper(world, { waitMs: 0 }) : undefined;
  return openPredictor(world.store, openWorkerSession, openExplainerLazily, keeper);
}
