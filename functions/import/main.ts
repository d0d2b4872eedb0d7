/** The Lambda function that imports uploads and collects garbage, one message at a time. */
import { deadlineOf } from '../deadline.ts';
import { instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { handleImportMessage } from './import-message.ts';

const world = openLambdaWorld();

export const handler = instrument(
  messageHandler(
    (message, { receiveCount, context }) => handleImportMessage({ message, receiveCount }, world, deadlineOf(context)),
    world.log,
  ),
);
