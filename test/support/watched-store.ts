import type { ObjectStore } from '../../lib/ports.ts';

/** A store that calls `before` with the number of each operation, its name, and its arguments. */
export function watchedStore(
  store: ObjectStore,
  before: (operation: number, name: string, given: readonly unknown[]) => Promise<void>,
): ObjectStore {
  let operation = 0;
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>;
      if (typeof method !== 'function') return method;
      return async (...given: unknown[]) => {
        await before(++operation, String(name), given);
        return method.apply(target, given);
      };
    },
  });
}
