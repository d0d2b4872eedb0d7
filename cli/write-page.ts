import { writeFile } from 'node:fs/promises';
import { messageOf } from '../lib/contracts/message-of.ts';
import { UsageError } from '../lib/errors.ts';

/** Writes a page that the user asked for. @throws UsageError FILE_UNWRITABLE */
export async function writePage(path: string, page: string): Promise<void> {
  await writeFile(path, page).catch((cause: unknown) => {
    const received = messageOf(cause);
    throw new UsageError('FILE_UNWRITABLE', {
      at: path,
      expected: 'a writable file',
      received,
      fix: 'give another path',
      cause,
    });
  });
}
