/** The Lambda function that imports uploads and collects what nothing refers to any more, a message each. */
import { deadlineOf, instrument, openLambdaWorld } from '../lambda.ts';
import { messageHandler } from '../message-handler.ts';
import { handleImportMessage } from './import-message.ts';

const world = openLambdaWorld();

export const handler = instrument(
  messageHandler(
    (message, { receiveCount, context }) => handleImportMessage({ message, receiveCount }, world, deadlineOf(context)),
    world.log,
  ),
);
