import type { RefusedFile } from './dataset.ts';
import type { UnsentFiles } from './dataset-http.ts';
import { MOST_UNSENT } from './request-limits.ts';
import { mayLabel } from './upload-files.ts';

/** Characters of a path and of a message in the body of a request. */
const MOST_CHARACTERS = 1024;

/**
 * The files of a source that are not sent, because they cannot be used, as the completion of an upload names them: the
 * import counts and reports them. Those that may label the images come first, because the import fails without some.
 */
export function unsentFiles(refused: readonly RefusedFile[]): UnsentFiles {
  if (refused.length === 0) return {};
  const labels = refused.filter(({ path }) => mayLabel(path));
  const others = refused.filter(({ path }) => !mayLabel(path));
  const named = [...labels, ...others].slice(0, MOST_UNSENT).map(({ path, code, message }) => ({
    path: path.slice(0, MOST_CHARACTERS),
    code,
    message: message.slice(0, MOST_CHARACTERS),
  }));
  return { refused: named, ...(refused.length > named.length && { omitted: refused.length - named.length }) };
}
