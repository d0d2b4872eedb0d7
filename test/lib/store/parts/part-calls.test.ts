import { expect, test } from 'vitest';
import { beginCall, CALL_SECONDS, endCall } from '../../../../lib/store/parts/part-calls.ts';
import { partKeys } from '../../../../lib/store/parts/part-keys.ts';
import { contendedStore } from '../../../support/contended-store.ts';
import { testWorld } from '../../../support/world.ts';

const keys = partKeys('imports/up-1/');

test('of two calls of a part that begin at the same time, one begins', async () => {
  const { store, clock } = testWorld();
  const others: unknown[] = [];
  const contended = contendedStore(store, async () => others.push(await beginCall(keys, 3, store, clock)));
  expect(await beginCall(keys, 3, contended, clock)).toMatchObject({ state: 'busy' });
  expect(others).toEqual([{ state: 'begun', since: clock.now().toISOString(), seconds: 0 }]);
});

test('a call counts the seconds of an earlier one whose end is recorded just before it begins', async () => {
  const { store, clock } = testWorld();
  const since = clock.now().toISOString();
  await beginCall(keys, 3, store, clock);
  await clock.advance(2 * CALL_SECONDS);
  const contended = contendedStore(store, () => endCall(keys, 3, { since, hasFailed: true }, store, clock));
  expect(await beginCall(keys, 3, contended, clock)).toMatchObject({ state: 'begun', seconds: 2 * CALL_SECONDS });
});
