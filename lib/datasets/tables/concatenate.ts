/** Yields the items of each source, one source after the other. */
export async function* concatenate<Item>(...sources: readonly (Iterable<Item> | AsyncIterable<Item>)[]): AsyncGenerator<Item> {
  for (const source of sources) yield* source;
}
