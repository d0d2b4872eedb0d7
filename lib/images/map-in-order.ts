/**
 * Maps items to results in the order of the items, with up to `concurrency` of them under way or waiting to be taken: a slow
 * consumer holds back the producer, and memory stays bounded. The first failure ends it, once all that had begun has ended.
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

/** A failure is seen when its turn comes; until then Node must not take it for one that nobody handles. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
