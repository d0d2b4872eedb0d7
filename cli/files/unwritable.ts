import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import { UsageError } from '../../lib/errors.ts';

/** The error for a file or folder that cannot be written. @param cause what the system threw */
export function unwritable(at: string, expected: string, cause: unknown): UsageError {
  const received = messageOf(cause);
  return new UsageError('FILE_UNWRITABLE', { at, expected, received, fix: 'give another path', cause });
}
