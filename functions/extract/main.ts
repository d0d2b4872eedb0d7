/**
 * The Lambda function that shares large work, one part and one message at a time: it extracts the features of many
 * images, and checks the images of large imports.
 */
import { workOnImportPart } from '../../lib/datasets/spread/check-part.ts';
import { workOnExtraction } from '../../lib/jobs/extraction/work-on-extraction.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { scopedLog } from '../scoped-log.ts';
import { extractionWork } from './extraction-work.ts';

const world = openLambdaWorld();

export const handler = instrument(
  messageHandler(async (message, { context }) => {
    const secondsLeft = () => context.getRemainingTimeInMillis() / 1000;
    if (message.type === 'check') {
      const { upload, part } = message;
      await workOnImportPart(message, { ...world, log: scopedLog(world.log, { upload, part }) }, { secondsLeft });
    }
    if (message.type !== 'extract') return;
    const { job, attempt, part } = message;
    const own = { ...world, log: scopedLog(world.log, { job, attempt, part }) };
    await workOnExtraction(message, extractionWork(own), own, { secondsLeft, log: `the log group ${context.logGroupName}` });
  }, world.log),
);
