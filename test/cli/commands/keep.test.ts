import { expect, test } from 'vitest';
import { type KeepOptions, keep } from '../../../cli/commands/keep.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, publishConstant } from '../../support/api.ts';
import { silent } from '../../support/silent.ts';

test('graft keep changes the given parts of a setting, and no others', async () => {
  const { api, world } = apiSystem();
  await publishConstant(world.store, 'two');
  const client = createClient(api);
  const context = { client, wakeWorker: () => {}, store: undefined, locate: String, close: async () => {} };
  const after = async (options: KeepOptions) => {
    await keep('two', options, context, silent);
    return (await client.models.getKeeping('two')).keeping;
  };
  const first = await after({ images: true, days: 90 });
  expect(first).toMatchObject({ share: 0.1, perDay: 1000, images: true, days: 90 });
  await world.clock.advance(60);
  expect(await after({})).toEqual(first);
  expect(await after({ share: 1 })).toEqual({ ...first, share: 1 });
  expect(await after({ images: false })).toEqual({ ...first, share: 1, images: false });
  expect(await after({ off: true })).toBeNull();
  expect(await after({ share: 0.5 })).toMatchObject({ share: 0.5, images: false, days: 30 });
});
