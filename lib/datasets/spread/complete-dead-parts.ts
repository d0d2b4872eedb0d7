import type { QueueMessage } from '../../contracts/queue-message.ts';
import { errorJson } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { isPartComplete } from '../../store/parts/completed-parts.ts';
import { findUpload } from '../uploads/upload-record.ts';
import { completeImportPart, leaveOutPart } from './complete-import-part.ts';
import { importOf } from './import-documents.ts';

/**
 * Handles the parts of imports whose messages are dead letters, because their functions died each time. If the part
 * itself is complete, its last function died before it did the rest, which is done here; else the part is left out. The
 * dead letters stay for inspection.
 * @param letters of the queue of functions
 */
export async function completeDeadParts(letters: readonly QueueMessage[], world: World): Promise<void> {
  for (const message of letters) {
    if (message.type !== 'check') continue;
    const { upload, part } = message;
    try {
      if ((await findUpload(upload, world.store))?.state !== 'IMPORTING') continue;
      if (await isPartComplete(importOf(upload), part, world.store)) await completeImportPart(upload, part, world);
      else await leaveOutPart(upload, part, 'its functions died each time', world);
    } catch (error) {
      world.log('track.failed', { upload, error: errorJson(error) });
    }
  }
}
