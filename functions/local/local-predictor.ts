import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { openPredictionKeeper } from '../../lib/inference/prediction-keeper.ts';
import { openPredictor, type Predictor } from '../../lib/inference/predictor.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import type { World } from '../../lib/ports.ts';

/** Opens what predicts on this machine: models compute in worker threads, and keep predictions if they are asked to. */
export function openLocalPredictor(world: World): Predictor {
  return openPredictor(world.store, openWorkerSession, openExplainerLazily, openPredictionKeeper(world, { waitMs: 0 }));
}
