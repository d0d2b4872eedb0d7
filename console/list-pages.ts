/** What is loaded of a list: its first items, and where the next page begins; undefined on the last page. */
export interface LoadedList<Item> {
  readonly items: readonly Item[];
  readonly next: string | undefined;
}

export interface Reload<Item> {
  /** Loads a page: the first one, or the one that follows `after`. */
  load(after?: string): Promise<LoadedList<Item>>;
  /** What is loaded at present, which grows when its user asks for more; undefined: nothing. */
  known(): LoadedList<Item> | undefined;
  /** Default: no items are known to be the same, so that all are loaded again. */
  readonly idOf?: ((item: Item) => string) | undefined;
  /** Whether an item may have changed since it was loaded. Default: none. */
  readonly mayChange?: ((item: Item) => boolean) | undefined;
}

/**
 * Loads a list again: its first page, and others until the items behind them are known and do not change. New items at
 * the beginning move no known item out of the list.
 */
export async function reloadList<Item>({ load, known, idOf, mayChange = () => false }: Reload<Item>): Promise<LoadedList<Item>> {
  let list = await load();
  for (;;) {
    if (list.next === undefined) return list;
    const before = known();
    const rest = before && idOf && itemsBehind(list.items, before.items, idOf);
    if (rest !== undefined && !rest.some(mayChange))
      return rest.length === 0 ? list : { items: [...list.items, ...rest], next: before?.next };
    if (list.items.length >= (before?.items.length ?? 0)) return list;
    list = append(list, await load(list.next));
  }
}

/** A list with its next page. */
export function append<Item>({ items }: LoadedList<Item>, page: LoadedList<Item>): LoadedList<Item> {
  return { items: [...items, ...page.items], next: page.next };
}

/** The known items behind the last loaded one; undefined if that is not known. */
function itemsBehind<Item>(
  loaded: readonly Item[],
  known: readonly Item[],
  idOf: (item: Item) => string,
): readonly Item[] | undefined {
  const last = loaded.at(-1);
  const index = last === undefined ? -1 : known.findIndex((item) => idOf(item) === idOf(last));
  return index < 0 ? undefined : known.slice(index + 1);
}
