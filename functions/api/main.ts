/** The Lambda function of the API: every route but those that run a model. */
import { requireEnv } from '../../lib/aws/require-env.ts';
import { apiHandler } from '../api-handler.ts';
import { openDeployedCompute } from '../deployed-compute.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { noPredictor } from '../unavailable-services.ts';
import { routes } from './routes.ts';

const world = openLambdaWorld();
const compute = openDeployedCompute(process.env, world);
const ownBucket = requireEnv(process.env, 'GRAFT_DATA_BUCKET');

export const handler = instrument(apiHandler(routes, { world, compute, predictor: noPredictor, ownBucket }));
