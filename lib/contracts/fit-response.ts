/**
 * Keeps API responses below Lambda's limit of 6 MB. Lambda returns the body as a string inside JSON, so sizes are the
 * bytes of the doubly encoded JSON.
 */

/** Limit for the records on one page of a list. */
export const PAGE_BYTES = 3_500_000;

/** Counts the bytes of a value inside a response. */
export function responseBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(JSON.stringify(value) ?? '')).length;
}

/**
 * Returns the first items of a list that fit into a response.
 * @param limit bytes: of all items together; most: number of items
 */
export function firstThatFit<Item>(
  items: readonly Item[],
  { bytes, most = Number.POSITIVE_INFINITY }: { readonly bytes: number; readonly most?: number },
): Item[] {
  let left = bytes;
  const end = items.findIndex((item, index) => {
    left -= responseBytes(item) + 1;
    return left < 0 || index >= most;
  });
  return items.slice(0, end === -1 ? items.length : end);
}

/**
 * Returns a page of records for a response. If the records are too large together, ends the page early and sets `next`
 * to the last one included.
 */
export function fitPage<Item>(
  items: readonly Item[],
  next: string | undefined,
  idOf: (item: Item) => string,
): { readonly items: Item[]; readonly next?: string } {
  const [first, ...rest] = items;
  if (first === undefined) return { items: [], ...(next !== undefined && { next }) };
  // A single record always fits.
  const kept = [first, ...firstThatFit(rest, { bytes: PAGE_BYTES - responseBytes(first) })];
  const last = kept.length < items.length ? kept.at(-1) : undefined;
  const onward = last === undefined ? next : idOf(last);
  return { items: kept, ...(onward !== undefined && { next: onward }) };
}
