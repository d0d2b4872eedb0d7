import type { ObjectHead, ObjectStore } from './ports.ts';

/** Every object whose key begins with `prefix`, in the order of their keys, read a page at a time. */
export async function* listKeys(store: Pick<ObjectStore, 'list'>, prefix: string): AsyncGenerator<ObjectHead> {
  for (let after: string | undefined, more = true; more; ) {
    const page = await store.list(prefix, after === undefined ? {} : { after });
    yield* page.objects;
    after = page.objects.at(-1)?.key;
    more = page.more;
  }
}
