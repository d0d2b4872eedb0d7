import type { RefusedFile } from '../../contracts/dataset.ts';
import type { UnsentFiles } from '../../contracts/dataset-http.ts';
import { MOST_UNSENT } from '../../contracts/request-limits.ts';
import { DataError } from '../../errors.ts';

/** Characters of a path and of a message in the body of a request. */
const MOST_CHARACTERS = 1024;

/**
 * The files of a source that are not sent, because they cannot be used, as the completion of an upload names them: the
 * import counts and reports them.
 */
export function unsentFiles(refused: readonly RefusedFile[]): UnsentFiles {
  if (refused.length === 0) return {};
  const named = refused.slice(0, MOST_UNSENT).map(({ path, code, message }) => ({
    path: path.slice(0, MOST_CHARACTERS),
    code,
    message: message.slice(0, MOST_CHARACTERS),
  }));
  return { refused: named, ...(refused.length > named.length && { omitted: refused.length - named.length }) };
}

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
