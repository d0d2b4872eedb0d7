/** The Lambda function that calls the webhooks of jobs that have ended, a message each. */
import { openWebhookSecret } from '../../lib/aws/webhook-secret.ts';
import { deliverWebhook } from '../../lib/jobs/deliver-webhook.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';

const world = openLambdaWorld();
const secret = openWebhookSecret(process.env, () => world.clock.now().getTime());

export const handler = instrument(
  messageHandler((message, received) => deliverWebhook({ message, ...received }, world, { secret }), world.log),
);
