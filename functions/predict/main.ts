/** The Lambda function that predicts; models stay loaded while it stays warm. */
import { requireEnv } from '../../lib/aws/require-env.ts';
import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../lib/inference/predictor.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import { predict } from '../api/predict.ts';
import { apiHandler } from '../api-handler.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { noCompute } from '../unavailable-services.ts';

const world = openLambdaWorld();
const predictor = openPredictor(world.store, openWorkerSession, openExplainerLazily);
const ownBucket = requireEnv(process.env, 'GRAFT_DATA_BUCKET');

export const handler = instrument(apiHandler([predict], { world, compute: noCompute, predictor, ownBucket }));
