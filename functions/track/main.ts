/**
 * The Lambda function that tracks jobs: AWS Batch reports ended jobs to it, and the clock calls it to find lost ones.
 */
import { openDeployedCompute } from '../deployed-compute.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { trackEvent } from './track-event.ts';

const world = openLambdaWorld();
const compute = openDeployedCompute(process.env, world);

export const handler = instrument((event: unknown) => trackEvent(event, compute, world));
