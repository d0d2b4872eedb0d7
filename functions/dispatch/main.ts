/** The Lambda function that starts jobs, a message each. */
import { openAwsCompute } from '../../lib/aws/aws-compute.ts';
import { observed, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { handleTrainingMessage } from './training-message.ts';

const world = openLambdaWorld();
const compute = openAwsCompute(process.env, world.store);

export const handler = observed(messageHandler((message) => handleTrainingMessage(message, compute, world), world.log));
