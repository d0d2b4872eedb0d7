import type { Page } from '../lib/client/requests.ts';
import { LARGEST_PAGE } from '../lib/contracts/http.ts';

interface Listed<Entry> {
  readonly entries: readonly Entry[];
  /** Continues the list. Absent at its end. */
  readonly next?: string | undefined;
}

/**
 * Reads a list of the API page by page.
 * @param limit the most entries; default: all
 */
export async function readPages<Entry>(
  readPage: (page: Page) => Promise<Listed<Entry>>,
  limit: number = Number.POSITIVE_INFINITY,
): Promise<Listed<Entry>> {
  const entries: Entry[] = [];
  let after: string | undefined;
  do {
    const page = await readPage({ after, limit: Math.min(limit - entries.length, LARGEST_PAGE) });
    entries.push(...page.entries);
    after = page.next;
  } while (after !== undefined && entries.length < limit);
  return { entries, next: after };
}
