/** The Lambda function of the API: every route but those that run a model. */
import { openAwsCompute } from '../../lib/aws/aws-compute.ts';
import { need } from '../../lib/aws/need.ts';
import { apiHandler } from '../api-handler.ts';
import { observed, openLambdaWorld } from '../lambda.ts';
import { predictsElsewhere } from '../not-here.ts';
import { routes } from './routes.ts';

const world = openLambdaWorld();
const compute = openAwsCompute(process.env, world.store);
const ownBucket = need(process.env, 'GRAFT_DATA_BUCKET');

export const handler = observed(apiHandler(routes, { world, compute, predictor: predictsElsewhere, ownBucket }));
