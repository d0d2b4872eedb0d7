/**
 * Maps items to results in the order of the items, with up to `concurrency` results in progress or waiting. A slow
 * consumer slows the producer, so memory stays bounded. The first failure ends the iteration once all work that has
 * begun has ended.
 * @example
 * ```ts
 * for await (const image of mapInOrder(paths, 8, (path) => decodeFile(path))) show(image);
 * ```
 */
export async function* mapInOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  concurrency: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      underWay.push(handled(map(item)));
      if (underWay.length < concurrency) continue;
      const oldest = underWay.shift();
      if (oldest !== undefined) yield await oldest;
    }
    for (let oldest = underWay.shift(); oldest !== undefined; oldest = underWay.shift()) yield await oldest;
  } finally {
    await Promise.allSettled(underWay);
  }
}

/**
 * Marks a promise as handled. A failure is thrown in its turn; until then Node must not report an unhandled rejection.
 */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/**
 * Calls a function for each item, up to `concurrency` at once, in no order. After a failure, no further item begins; the
 * first failure is thrown once all work that has begun has ended.
 */
export async function forEachConcurrently<Item>(
  items: Iterable<Item>,
  concurrency: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    while (failures.length === 0) {
      try {
        const next = rest.next();
        if (next.done) return;
        await act(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if (failures.length > 0) throw failures[0];
}
