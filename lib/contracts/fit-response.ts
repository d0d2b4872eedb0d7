/**
 * Keeps answers of the API within the 6 MB that Lambda returns. There a body travels as a string inside of JSON, so
 * sizes are counted as that: bytes of the JSON of the JSON.
 */

/** For the records of one page of a list. */
export const PAGE_BYTES = 3_500_000;

/** Bytes that a value takes inside of an answer. */
export function responseBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(JSON.stringify(value) ?? '')).length;
}

/**
 * The first items of a list that fit into so many bytes.
 * @param limit bytes: of all items together; most: of items
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

/** A page of records as an answer takes it: where they are too large together, it ends early and names its last one as `next`. */
export function fitPage<Item>(
  items: readonly Item[],
  next: string | undefined,
  idOf: (item: Item) => string,
): { readonly items: Item[]; readonly next?: string } {
  const [first, ...rest] = items;
  if (first === undefined) return { items: [], ...(next !== undefined && { next }) };
  // A single record fits.
  const kept = [first, ...firstThatFit(rest, { bytes: PAGE_BYTES - responseBytes(first) })];
  const last = kept.length < items.length ? kept.at(-1) : undefined;
  const onward = last === undefined ? next : idOf(last);
  return { items: kept, ...(onward !== undefined && { next: onward }) };
}
