import type { ObjectHead, ObjectStore } from '../ports.ts';

/** Every object whose key begins with `prefix` and comes after `start`, in the order of their keys, read a page at a time. */
export async function* listKeys(store: Pick<ObjectStore, 'list'>, prefix: string, start = ''): AsyncGenerator<ObjectHead> {
  for (let after = start, more = true; more; ) {
    const page = await store.list(prefix, after === '' ? {} : { after });
    yield* page.objects;
    after = page.objects.at(-1)?.key ?? after;
    more = page.more;
  }
}
