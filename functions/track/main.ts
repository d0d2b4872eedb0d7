/** The Lambda function that keeps track of jobs: told by AWS Batch that one has ended, and by the clock to look for lost ones. */
import { openAwsCompute } from '../../lib/aws/aws-compute.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { trackEvent } from './track-event.ts';

const world = openLambdaWorld();
const compute = openAwsCompute(process.env, world.store);

export const handler = instrument((event: unknown) => trackEvent(event, compute, world));
