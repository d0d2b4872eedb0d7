import { useState } from 'preact/hooks';
import type { Client } from '../lib/client/client.ts';
import { client } from './api.ts';
import { useLoaded } from './use-loaded.ts';

interface ListPage {
  readonly next?: string | undefined;
}

/** A list that is loaded page by page. */
export interface List<Item> {
  /** What is loaded so far; undefined until the first page is. */
  readonly items: readonly Item[] | undefined;
  /** Why the first page could not be loaded. */
  readonly error: unknown;
  /** Loads the next page; undefined on the last page. */
  readonly more: (() => void) | undefined;
  /** Why the next page could not be loaded. */
  readonly failure: unknown;
}

/**
 * Loads the first page of a list with the component, and the others on request.
 * @param key as `useLoaded`
 * @param load loads a page: the first one, or the one that follows `after`
 * @param everyMs pause before the first page is loaded again; undefined if it is not
 */
export function useList<Page extends ListPage, Item>(
  key: string,
  load: (client: Client, after?: string) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
  everyMs?: (first: Page | undefined) => number | undefined,
): List<Item> {
  const { value: first, error } = useLoaded(key, load, everyMs);
  const [later, setLater] = useState<{ readonly after: string | undefined; readonly pages: readonly Page[] }>({
    after: undefined,
    pages: [],
  });
  const [failure, setFailure] = useState<unknown>();
  // The later pages still follow a first page that was loaded again, unless that ends at another item now.
  const pages = first === undefined ? [] : [first, ...(later.after === first.next ? later.pages : [])];
  const next = pages.at(-1)?.next;
  const more = async () => {
    if (next === undefined) return;
    setFailure(undefined);
    try {
      setLater({ after: first?.next, pages: [...pages.slice(1), await load(client, next)] });
    } catch (thrown) {
      setFailure(thrown);
    }
  };
  return {
    items: first && pages.flatMap(itemsOf),
    error,
    more: next === undefined ? undefined : () => void more(),
    failure,
  };
}
