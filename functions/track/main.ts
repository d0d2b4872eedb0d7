/** The Lambda function that keeps track of jobs: told by AWS Batch that one has ended, and by the clock to look for lost ones. */
import { openDeployedCompute } from '../deployed-compute.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { trackEvent } from './track-event.ts';

const world = openLambdaWorld();
const compute = openDeployedCompute(process.env, world);

export const handler = instrument((event: unknown) => trackEvent(event, compute, world));
