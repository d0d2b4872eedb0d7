import { useState } from 'preact/hooks';

interface ListPage {
  readonly next?: string | undefined;
}

/** The items of a paged list that are loaded so far. */
export interface Items<Item> {
  readonly items: readonly Item[];
  /** Loads the next page; undefined on the last page. */
  readonly more: (() => void) | undefined;
  /** Why the next page could not be loaded. */
  readonly failure: unknown;
}

/** Loads a paged list page by page. */
export function useMore<Page extends ListPage, Item>(
  first: Page | undefined,
  itemsOf: (page: Page) => readonly Item[],
  load: (after: string) => Promise<Page>,
): Items<Item> {
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
      setLater({ after: first?.next, pages: [...pages.slice(1), await load(next)] });
    } catch (error) {
      setFailure(error);
    }
  };
  return { items: pages.flatMap(itemsOf), more: next === undefined ? undefined : () => void more(), failure };
}
