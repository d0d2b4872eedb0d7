import { expect, test } from 'vitest';
import { STATE_KEY } from '../../../lib/collection/collection-state.ts';
import { requestCollection } from '../../../lib/collection/request-collection.ts';
import type { World } from '../../../lib/ports.ts';
import { testWorld } from '../../support/world.ts';

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
