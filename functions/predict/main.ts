/** The Lambda function that predicts; models stay loaded while it stays warm. */
import '../../lib/onnx/prepare-worker.ts';
import { requireEnv } from '../../lib/aws/require-env.ts';
import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { openPredictionKeeper } from '../../lib/inference/prediction-keeper.ts';
import { openPredictor } from '../../lib/inference/predictor.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import { predict } from '../api/predict.ts';
import { apiHandler } from '../api-handler.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { noCompute } from '../unavailable-services.ts';

const world = openLambdaWorld();
// The function is frozen after its response, so it waits a moment for what a model keeps of its predictions.
const keeper = openPredictionKeeper(world, { waitMs: 250 });
const predictor = openPredictor(world.store, openWorkerSession, openExplainerLazily, keeper);
const ownBucket = requireEnv(process.env, 'GRAFT_DATA_BUCKET');

export const handler = instrument(apiHandler([predict], { world, compute: noCompute, predictor, ownBucket }));
