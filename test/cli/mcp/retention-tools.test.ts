import { expect, test } from 'vitest';
import { retentionTools } from '../../../cli/mcp/retention-tools.ts';
import { createSession } from '../../../cli/mcp/session.ts';
import { createClient } from '../../../lib/client/client.ts';
import { changeModel } from '../../../lib/models/registry.ts';
import { apiSystem, publishConstant } from '../../support/api.ts';

/** The tools, for a model `two` with three versions. */
async function served() {
  const { api, world } = apiSystem();
  const { store } = world;
  for (const number of [1, 2, 3]) await publishConstant(store, 'two', number);
  const client = createClient(api);
  const context = { client, wakeWorker: () => {}, store, locate: (key: string) => key, close: async () => {} };
  const { signal } = new AbortController();
  const session = createSession(context, true, signal);
  const call = async (name: string, args: Readonly<Record<string, unknown>>) =>
    (await retentionTools.find((tool) => tool.name === name)!.run({ model: 'two', ...args }, session, signal)).value;
  return { call, client, store };
}

test('set_retention sets nothing that was not asked for', async () => {
  const { call, client } = await served();
  await expect(call('set_retention', {})).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  expect(await client.models.getRetention('two')).toMatchObject({ retention: null });
});

test.each([{ newest: 2 }, { days: 0 }, { newest: 1, days: 0 }])(
  'get_retention previews what set_retention sets: %j',
  async (wanted) => {
    const { call } = await served();
    const preview = await call('get_retention', wanted);
    expect(preview.retention).toMatchObject(wanted);
    expect(await call('set_retention', wanted)).toEqual(preview);
  },
);

test('a list that is cut has its total beside it', async () => {
  const { call, client, store } = await served();
  const removed = Array.from({ length: 30 }, (_, i) => ({ version: 100 + i, at: '2030-01-01T00:00:00.000Z' }));
  await changeModel('two', store, (record) => ({ ...record, removed }));
  for (let i = 0; i < 25; i++) await client.models.setAlias('two', `alias-${i}`, { version: 1 });
  const view = await call('get_retention', { newest: 1, days: 0 });
  expect(view).toMatchObject({ removedCount: 30, removed: removed.slice(-20), inUseCount: 1 });
  expect(view.inUse).toMatchObject([{ version: 1, useCount: 25, uses: { length: 20 } }]);
});
