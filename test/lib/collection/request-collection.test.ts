import { expect, test } from 'vitest';
import { acquireLease, STATE_KEY } from '../../../lib/collection/collection-state.ts';
import { requestCollection } from '../../../lib/collection/request-collection.ts';
import { runCollection } from '../../../lib/collection/run-collection.ts';
import type { World } from '../../../lib/ports.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { testWorld } from '../../support/world.ts';

const YEAR_SECONDS = 365 * 86_400;

/** A world whose queue counts the messages, and refuses the first ones. */
function counting({ refused = 0 } = {}) {
  const world = testWorld();
  const sent: unknown[] = [];
  const imports: World['queues']['imports'] = {
    ...world.queues.imports,
    async send(message) {
      if (refused-- > 0) throw new Error('no route');
      sent.push(message);
    },
  };
  return { world: { ...world, queues: { ...world.queues, imports } }, sent };
}

test('a state that a later version wrote causes no message', async () => {
  const { world, sent } = counting();
  const state = { requestedAt: '2020-01-01T00:00:00.000Z', later: 1 };
  await world.store.put(STATE_KEY, Buffer.from(JSON.stringify(state)));
  await expect(requestCollection(world)).rejects.toThrow(expect.objectContaining({ code: 'DOCUMENT_VERSION_UNSUPPORTED' }));
  expect(sent).toEqual([]);
});

test('a store that takes no writes causes no message', async () => {
  const { world, sent } = counting();
  const put = () => Promise.reject(new Error('read-only'));
  await expect(requestCollection({ ...world, store: { ...world.store, put } })).rejects.toThrow('read-only');
  expect(sent).toEqual([]);
});

test('of two requests at the same time, one is sent', async () => {
  const { world, sent } = counting();
  const store = contendedStore(world.store, () => requestCollection(world));
  expect(await requestCollection({ ...world, store })).toBe(false);
  expect(sent).toEqual([{ type: 'collect' }]);
});

test('a request from before the clock was set back does not delay the next one', async () => {
  const { world, sent } = counting();
  const ahead = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000).toISOString();
  await world.store.put(STATE_KEY, Buffer.from(JSON.stringify({ requestedAt: ahead(600) })));
  expect(await requestCollection(world), 'of a clock that is fast').toBe(false);
  await world.store.put(STATE_KEY, Buffer.from(JSON.stringify({ requestedAt: ahead(YEAR_SECONDS) })));
  expect(await requestCollection(world)).toBe(true);
  expect(await requestCollection(world)).toBe(false);
  expect(sent).toEqual([{ type: 'collect' }]);
});

test('a lease from before the clock was set back keeps no collector waiting, nor does a message that comes then', async () => {
  const { world, sent } = counting();
  expect(await acquireLease(world)).toMatchObject({ token: expect.any(String) });
  // Another collector waits for the lease.
  expect(await runCollection(world)).toBeUndefined();
  expect(await runCollection(world), 'one message is enough').toBeUndefined();
  expect(sent).toHaveLength(1);
  await world.clock.advance(-YEAR_SECONDS);
  const lease = await acquireLease(world);
  expect(lease).toMatchObject({ token: expect.any(String) });
  expect(await runCollection(world)).toBeUndefined();
  expect(sent, 'a message that comes after the new lease').toHaveLength(2);
});

test.each(['first', 'second'])('the %s request that cannot be sent is sent by the next call', async (which) => {
  const { world, sent } = counting({ refused: 1 });
  if (which === 'second') {
    const earlier = new Date(world.clock.now().getTime() - 86_400_000).toISOString();
    await world.store.put(STATE_KEY, Buffer.from(JSON.stringify({ requestedAt: earlier })));
  }
  await expect(requestCollection(world)).rejects.toThrow('no route');
  expect(await requestCollection(world)).toBe(true);
  expect(await requestCollection(world)).toBe(false);
  expect(sent).toEqual([{ type: 'collect' }]);
});
