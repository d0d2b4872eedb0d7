import type { ObjectHead, ObjectStore } from '../ports.ts';

/**
 * Lists the objects below a prefix, in key order. Reads one page at a time, so memory use is constant.
 * @param start lists only keys after this one
 * @example
 * ```ts
 * for await (const { key, size } of listKeys(store, 'models/flowers/')) console.log(key, size);
 * ```
 */
export async function* listKeys(store: Pick<ObjectStore, 'list'>, prefix: string, start = ''): AsyncGenerator<ObjectHead> {
  for (let after = start, more = true; more; ) {
    const page = await store.list(prefix, after === '' ? {} : { after });
    yield* page.objects;
    after = page.objects.at(-1)?.key ?? after;
    more = page.more;
  }
}
