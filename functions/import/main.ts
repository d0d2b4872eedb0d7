/** The Lambda function that imports uploads and deletes what data sets have left, a message each. */
import { runDeletion } from '../../lib/datasets/run-deletion.ts';
import { runImport } from '../../lib/datasets/run-import.ts';
import { scopedLog } from '../../lib/scoped-log.ts';
import { deadlineOf, observed, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';

const world = openLambdaWorld();
const { imports } = world.queues;

export const handler = observed(
  messageHandler(async (message, { receiveCount, context }) => {
    if (message.type === 'delete') await runDeletion(message.deletion, world, { signal: deadlineOf(context) });
    if (message.type !== 'import') return;
    const upload = await runImport(
      message.upload,
      { ...world, log: scopedLog(world.log, { upload: message.upload }) },
      { signal: deadlineOf(context), isLastTry: receiveCount >= (await imports.maxReceives()) },
    );
    // What was checked is kept: the next function goes on from there.
    if (upload.state === 'IMPORTING') await imports.send(message);
  }, world.log),
);
