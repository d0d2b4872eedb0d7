import { RuntimeError } from '../../errors.ts';
import type { World } from '../../ports.ts';
import { failUpload } from './upload-record.ts';

/**
 * Fails the uploads whose messages are dead letters, because the import's process died every time. A redrive continues
 * such an import.
 * @returns the number of failed uploads
 */
export async function failDeadImports(world: World): Promise<number> {
  let failed = 0;
  for (const message of await world.queues.imports.deadLetters()) {
    if (message.type === 'import' && (await failUpload(message.upload, gaveUp(message.upload), world))) failed++;
  }
  return failed;
}

function gaveUp(upload: string): RuntimeError {
  return new RuntimeError('IMPORT_RETRIES_EXHAUSTED', {
    at: upload,
    expected: 'an import that ends',
    received: 'one whose process died at every try',
    fix: 'read the log of the import, leave out the file that it names last, and upload again',
    retryable: true,
  });
}
