import { runCollection } from '../../lib/collection/run-collection.ts';
import type { QueueMessage } from '../../lib/contracts/queue-message.ts';
import { runImport } from '../../lib/datasets/run-import.ts';
import type { SpreadOptions } from '../../lib/datasets/spread/spread-checks.ts';
import { LEAST_FILES, spreadImport } from '../../lib/estimates/spread-import.ts';
import type { World } from '../../lib/ports.ts';
import { applyRetention } from '../../lib/retention/apply-retention.ts';
import { removeUnpublishedPackages } from '../../lib/retention/remove-unpublished-packages.ts';
import { scopedLog } from '../scoped-log.ts';

export interface ImportDelivery {
  readonly message: QueueMessage;
  /** 1 for the first delivery. */
  readonly receiveCount: number;
}

/**
 * Handles a message of the queue of imports: imports an upload, or removes expired versions of models and unpublished
 * packages, and runs the garbage collector.
 * @param signal aborted if the process must end: the progress is saved, and a new message continues
 * @throws as runImport and runCollection; the message must then be delivered again
 */
export async function handleImportMessage(
  { message, receiveCount }: ImportDelivery,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const { imports } = world.queues;
  if (message.type === 'collect' || message.type === 'delete') {
    // First, so that the same collection removes what removed versions have kept.
    await applyRetention(world, { signal });
    await removeUnpublishedPackages(world, { signal });
    await runCollection(world, { signal });
  }
  if (message.type !== 'import') return;
  const upload = await runImport(
    message.upload,
    { ...world, log: scopedLog(world.log, { upload: message.upload }) },
    { signal, messageId: message.id, isLastTry: receiveCount >= (await imports.maxReceives()), spread: spreadOf(world) },
  );
  // While functions check its images, the last of them sends it.
  if (upload.state === 'IMPORTING' && signal.aborted) await imports.send(message);
}

/** How functions may share an import in this deployment. */
function spreadOf({ queues, maxFunctions }: World): SpreadOptions | undefined {
  if (queues.extractions === undefined || maxFunctions === undefined) return undefined;
  return { leastFiles: LEAST_FILES, choose: (load) => spreadImport(load, maxFunctions) };
}
