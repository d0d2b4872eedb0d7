import type { ObjectStore } from '../../lib/ports.ts';

/** A store that calls `before` with the number of each operation. */
export function watchedStore(store: ObjectStore, before: (operation: number) => Promise<void>): ObjectStore {
  let operation = 0;
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]) => {
        await before(++operation);
        return method.apply(target, given);
      };
    },
  });
}
