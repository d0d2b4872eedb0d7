import { useRef, useState } from 'preact/hooks';
import type { Client } from '../../lib/client/client.ts';
import { client } from '../api.ts';
import { append, type LoadedList, reloadList } from '../list-pages.ts';
import { useAction } from './use-action.ts';
import { useLoaded } from './use-loaded.ts';

interface ListPage {
  readonly next?: string | undefined;
}

/** A list that is loaded page by page. */
export interface List<Item> {
  /** What is loaded so far; undefined until the first page is. */
  readonly items: readonly Item[] | undefined;
  /** Why the list could not be loaded, or loaded again. */
  readonly error: unknown;
  /** Loads the next page; undefined on the last page. */
  readonly more: (() => void) | undefined;
  /** Why the next page could not be loaded. */
  readonly failure: unknown;
}

/** A list is loaded again while some of its items may change. */
interface Polling<Item> {
  readonly idOf: (item: Item) => string;
  readonly mayChange: (item: Item) => boolean;
  readonly everyMs: number;
}

/**
 * Loads the first page of a list with the component, and the others on request.
 * @param key as `useLoaded`
 * @param load loads a page: the first one, or the one that follows `after`
 */
export function useList<Page extends ListPage, Item>(
  key: string,
  load: (client: Client, after?: string) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
  polling?: Polling<Item>,
): List<Item> {
  const [, redraw] = useState({});
  const { run, failure } = useAction();
  const loaded = useRef<{ readonly key: string; readonly list: LoadedList<Item> } | undefined>(undefined);
  const known = () => (loaded.current?.key === key ? loaded.current.list : undefined);
  const loadPage = async (of: Client, after?: string): Promise<LoadedList<Item>> => {
    const page = await load(of, after);
    return { items: itemsOf(page), next: page.next };
  };
  const { error } = useLoaded(
    key,
    async (loading) => {
      const list = await reloadList({ ...polling, load: (after) => loadPage(loading, after), known });
      loaded.current = { key, list };
      return list;
    },
    (list) => (polling !== undefined && list?.items.some(polling.mayChange) ? polling.everyMs : undefined),
  );
  const list = known();
  const more = (after: string) =>
    run(
      () => loadPage(client, after),
      (page) => {
        // The list may have been loaded again meanwhile.
        const current = known();
        if (current?.next === after) loaded.current = { key, list: append(current, page) };
        redraw({});
      },
    );
  const next = list?.next;
  return { items: list?.items, error, more: next === undefined ? undefined : () => void more(next), failure };
}
