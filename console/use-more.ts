import { useState } from 'preact/hooks';

interface ListPage {
  readonly next?: string | undefined;
}

/**
 * The items of a paged list. @returns those loaded so far, and what loads the next page; undefined on the last page
 */
export function useMore<Page extends ListPage, Item>(
  first: Page | undefined,
  itemsOf: (page: Page) => readonly Item[],
  load: (after: string) => Promise<Page>,
): { readonly items: readonly Item[]; readonly more: (() => void) | undefined } {
  const [later, setLater] = useState<{ readonly first: Page | undefined; readonly pages: readonly Page[] }>({ first, pages: [] });
  // A first page that was loaded again begins a new list.
  const pages = first === undefined ? [] : [first, ...(later.first === first ? later.pages : [])];
  const next = pages.at(-1)?.next;
  const more = async () => {
    if (next !== undefined) setLater({ first, pages: [...pages.slice(1), await load(next)] });
  };
  return { items: pages.flatMap(itemsOf), more: next === undefined ? undefined : () => void more() };
}
