/** The Lambda function that extracts features of many images: one part of an attempt, one message at a time. */
import { workOnExtraction } from '../../lib/jobs/extraction/work-on-extraction.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { scopedLog } from '../scoped-log.ts';
import { extractionWork } from './extraction-work.ts';

const world = openLambdaWorld();

export const handler = instrument(
  messageHandler(async (message, { context }) => {
    if (message.type !== 'extract') return;
    const { job, attempt, part } = message;
    const own = { ...world, log: scopedLog(world.log, { job, attempt, part }) };
    await workOnExtraction(message, extractionWork(own), own, {
      secondsLeft: () => context.getRemainingTimeInMillis() / 1000,
      log: `the log group ${context.logGroupName}`,
    });
  }, world.log),
);
