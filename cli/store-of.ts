import { UsageError } from '../lib/errors.ts';
import type { ObjectStore } from '../lib/ports.ts';
import type { Context } from './context.ts';

/** The store itself, for what the API does not offer. @throws UsageError STORE_ELSEWHERE where it is not on this machine */
export function storeOf({ store }: Context, fix = 'unset GRAFT_API on the machine that has the store'): ObjectStore {
  if (store !== undefined) return store;
  throw new UsageError('STORE_ELSEWHERE', {
    at: 'GRAFT_API',
    expected: 'a store on this machine',
    received: 'an API elsewhere',
    fix,
  });
}
