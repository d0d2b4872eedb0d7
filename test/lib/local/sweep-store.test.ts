import { expect, test } from 'vitest';
import { sweepStore } from '../../../lib/local/sweep-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { retentionRules } from '../../../lib/store/retention.ts';
import { testWorld } from '../../support/world.ts';

const DAY_MS = 86_400_000;
const rules = retentionRules();

test('what nobody needs any more goes when its days are over, and nothing else does', async () => {
  const { store, clock } = testWorld();
  const times = new Map<string, Date>();
  const write = async (key: string, daysAgo: number) => {
    await store.put(key, new TextEncoder().encode('{}'));
    times.set(key, new Date(clock.now().getTime() - daysAgo * DAY_MS));
    return key;
  };
  for (const { prefix, days } of rules) {
    await write(`${prefix}old`, days + 1);
    await write(`${prefix}below/old`, days + 1);
    await write(`${prefix}new`, days - 1);
  }
  const kept = await Promise.all(['jobs/1.json', 'blobs/aa/1', 'models/a', 'features/1'].map((key) => write(key, 10_000)));

  expect(await sweepStore(aged(store, times), clock)).toBe(2 * rules.length);
  const left = (await store.list('')).objects.map(({ key }) => key);
  expect(left.sort()).toEqual([...kept, ...rules.map(({ prefix }) => `${prefix}new`)].sort());
});

/** A store whose objects are as old as a test says. */
function aged(store: ObjectStore, times: ReadonlyMap<string, Date>): ObjectStore {
  return {
    ...store,
    async list(prefix, page) {
      const { objects, more } = await store.list(prefix, page);
      return { objects: objects.map((head) => ({ ...head, modifiedAt: times.get(head.key) ?? head.modifiedAt })), more };
    },
  };
}
