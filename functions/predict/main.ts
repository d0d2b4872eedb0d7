/** The Lambda function that answers from models; those that it was asked for stay loaded for as long as it stays warm. */
import { need } from '../../lib/aws/need.ts';
import { openPredictor } from '../../lib/models/predictor.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';
import { predict } from '../api/predict.ts';
import { apiHandler } from '../api-handler.ts';
import { observed, openLambdaWorld } from '../lambda.ts';
import { computesElsewhere } from '../not-here.ts';

const world = openLambdaWorld();
const predictor = openPredictor(world.store, openWorkerSession);
const ownBucket = need(process.env, 'GRAFT_DATA_BUCKET');

export const handler = observed(apiHandler([predict], { world, compute: computesElsewhere, predictor, ownBucket }));
