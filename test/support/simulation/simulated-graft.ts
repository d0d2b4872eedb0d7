/** The functions of Graft that the simulation runs; another version of them may be given to see it fail. */
import { requestCollection } from '../../../lib/collection/request-collection.ts';
import { runCollection } from '../../../lib/collection/run-collection.ts';
import type { QueueMessage } from '../../../lib/contracts/queue-message.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { failDeadImports } from '../../../lib/datasets/uploads/fail-dead-imports.ts';
import { addFiles, completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { deleteDataset } from '../../../lib/datasets/versions/delete-dataset.ts';
import type { World } from '../../../lib/ports.ts';
import { MAX_RECEIVES } from './simulated-queue.ts';

export const graft = {
  createUpload,
  addFiles,
  completeUpload,
  deleteDataset,
  /** What a message asks for, as functions/import/main.ts does it. */
  async handle(message: QueueMessage, receives: number, world: World): Promise<void> {
    if (message.type === 'collect') await runCollection(world);
    if (message.type !== 'import') return;
    const upload = await runImport(message.upload, world, { isLastTry: receives >= MAX_RECEIVES });
    if (upload.state === 'IMPORTING') await world.queues.imports.send(message);
  },
  /** What is done each minute. */
  async maintain(world: World): Promise<void> {
    await failDeadImports(world);
    await requestCollection(world);
  },
  /** Asks for a collection. */
  collection: { type: 'collect' } as QueueMessage,
};
