/** The Lambda function that starts jobs, a message each. */
import { openAwsCompute } from '../../lib/aws/aws-compute.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import { scopedLog } from '../../lib/scoped-log.ts';
import { observed, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';

const world = openLambdaWorld();
const compute = openAwsCompute(process.env, world.store);

export const handler = observed(
  messageHandler(async (message) => {
    if (message.type !== 'train') return;
    await dispatchJob(message.job, compute, { ...world, log: scopedLog(world.log, { job: message.job }) });
  }, world.log),
);
