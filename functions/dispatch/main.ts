/** The Lambda function that starts jobs, one message at a time. */
import { openDeployedCompute } from '../deployed-compute.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { handleTrainingMessage } from './training-message.ts';

const world = openLambdaWorld();
const compute = openDeployedCompute(process.env, world);

export const handler = instrument(messageHandler((message) => handleTrainingMessage(message, compute, world), world.log));
