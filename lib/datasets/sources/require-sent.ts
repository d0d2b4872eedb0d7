import type { RefusedFile } from '../../contracts/dataset.ts';
import { DataError } from '../../errors.ts';

/**
 * Checks that a source has a file that can be sent. An import without any could not say why.
 * @param sent number of files that were sent
 * @throws DataError TOO_MANY_REFUSED
 */
export function requireSent(sent: number, refused: readonly RefusedFile[]): void {
  if (sent > 0 || refused.length === 0) return;
  throw new DataError('TOO_MANY_REFUSED', {
    expected: 'at least one file that can be sent',
    received: refused,
    fix: 'fix these files',
  });
}
