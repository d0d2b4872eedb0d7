/** The Lambda function that starts jobs, a message each. */
import { openAwsCompute } from '../../lib/aws/aws-compute.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { handleTrainingMessage } from './training-message.ts';

const world = openLambdaWorld();
const compute = openAwsCompute(process.env, world.store);

export const handler = instrument(messageHandler((message) => handleTrainingMessage(message, compute, world), world.log));
