/** The functions of Graft that the simulation runs; another version of them may be given to see it fail. */
import { requestCollection } from '../../../lib/collection/request-collection.ts';
import { runCollection } from '../../../lib/collection/run-collection.ts';
import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { workOnImportPart } from '../../../lib/datasets/spread/check-part.ts';
import { completeDeadParts } from '../../../lib/datasets/spread/complete-dead-parts.ts';
import type { SpreadOptions } from '../../../lib/datasets/spread/spread-checks.ts';
import { failDeadImports } from '../../../lib/datasets/uploads/fail-dead-imports.ts';
import { resendLostImports } from '../../../lib/datasets/uploads/running-imports.ts';
import { addFiles, completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import type { World } from '../../../lib/ports.ts';
import { CALL_SECONDS } from '../../../lib/store/parts/part-calls.ts';
import { MAX_RECEIVES } from './simulated-queue.ts';

/** Functions share every import of two files and more, an image in each part. */
const spread: SpreadOptions = {
  leastFiles: 2,
  contentsOfPart: 1,
  choose: () => ({ functions: 2, seconds: 1, dollars: 0, reason: 'simulated' }),
};

export const graft = {
  createUpload,
  addFiles,
  completeUpload,
  deleteDataset,
  /** What a message asks for, as functions/import/main.ts and functions/extract/main.ts do it. */
  async handle(message: QueueMessage, receives: number, world: World): Promise<void> {
    if (message.type === 'collect') await runCollection(world);
    if (message.type === 'check') await workOnImportPart(message, world, { secondsLeft: () => CALL_SECONDS });
    if (message.type !== 'import') return;
    await runImport(message.upload, world, { messageId: message.id, isLastTry: receives >= MAX_RECEIVES, spread });
  },
  /** What is done each minute. */
  async maintain(world: World): Promise<void> {
    await failDeadImports(world);
    await completeDeadParts((await world.queues.extractions?.deadLetters()) ?? [], world);
    await resendLostImports(world);
    await requestCollection(world);
  },
  /** Asks for a collection. */
  collection: { type: 'collect' } as QueueMessage,
};
