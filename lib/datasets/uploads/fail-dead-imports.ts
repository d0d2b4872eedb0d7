import type { ImportMessage } from '../../contracts/queue-message.ts';
import { errorJson, NotFoundError, RuntimeError } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { failUpload } from './upload-record.ts';

/**
 * Fails the uploads whose messages are dead letters, because the import's process died every time, or no function was
 * free for an hour. A redrive continues such an import, and so does another message that is still in the queue: what that
 * has begun, the dead letter no longer fails.
 * @returns the number of failed uploads
 */
export async function failDeadImports(world: World): Promise<number> {
  let failed = 0;
  for (const message of await world.queues.imports.deadLetters()) {
    if (message.type === 'import' && (await failDeadImport(message, world))) failed++;
  }
  return failed;
}

/** A record that is gone, or cannot be read, keeps no other import from its end. */
async function failDeadImport({ upload, id }: ImportMessage, world: World): Promise<boolean> {
  try {
    return await failUpload(upload, retriesExhausted(upload), world, ({ messageId = id }) => messageId === id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) world.log('track.failed', { upload, error: errorJson(error) });
    return false;
  }
}

function retriesExhausted(upload: string): RuntimeError {
  return new RuntimeError('IMPORT_RETRIES_EXHAUSTED', {
    at: upload,
    expected: 'an import that ends',
    received: 'one whose process died, or found no free function, each time its message was delivered',
    fix:
      'read the log of the import, leave out the file that it names last, and upload again; if the log does not name the ' +
      'upload, the account had no free function: graft doctor says how to get more; then upload again',
    retryable: true,
  });
}
