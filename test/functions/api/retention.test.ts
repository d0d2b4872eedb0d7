import { expect, test } from 'vitest';
import { retention } from '../../../cli/commands/retention.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { handleImportMessage } from '../../../functions/import/import-message.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, ask, publishConstant } from '../../support/api.ts';
import { keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { silent } from '../../support/silent.ts';

const url = '/v1/models/two/retention';

/** A model `two` with four versions, and the text of each result. */
async function served() {
  const system = apiSystem();
  const { store } = system.world;
  for (const number of [1, 2, 3, 4]) await publishConstant(store, 'two', number);
  const client = createClient(system.api);
  const context: Context = { client, wakeWorker: () => {}, store, locate: (key) => key, close: async () => {} };
  const texts: string[] = [];
  const output: Output = { ...silent, result: (_, text) => void texts.push(text) };
  return { ...system, client, context, output, texts };
}

test('a setting is shown, tried, set, carried out with the daily collection, and ended', async () => {
  const { api, world, client, context, output, texts } = await served();
  await client.models.setAlias('two', 'prod', { version: 1 });
  await client.models.setKeeping('two', { share: 1 });
  await keepPredictions(world, [predictionOf('yes', 0.9)], { model: 'two' });
  await retention('two', {}, context, output);
  expect(texts.at(-1)).toContain('All versions of two stay.');
  await retention('two', { newest: 1, days: 0, dryRun: true }, context, output);
  expect(texts.at(-1)).toBe(
    [
      'Which versions of two would stay: the newest 1, and all in use.',
      'Would be removed: @2, @3.',
      'Older versions in use stay:',
      '  @1  alias prod, kept predictions since 2030-01-01',
      'Nothing has changed.',
    ].join('\n'),
  );
  expect((await ask(api, `GET ${url}`)).json).toEqual({ model: 'two', retention: null, expired: [], inUse: [], removed: [] });
  await retention('two', { newest: 1, days: 0 }, context, output);
  expect(texts.at(-1)).toContain('The next daily collection removes: @2, @3.');
  expect((await ask(api, 'GET /v1/models/two')).json).not.toHaveProperty('retention');
  const delivery = { message: { type: 'collect' }, receiveCount: 1 } as const;
  await handleImportMessage(delivery, world, new AbortController().signal);
  expect((await client.models.get('two')).versions.map(({ version }) => version)).toEqual([1, 4]);
  await retention('two', { off: true }, context, output);
  expect(texts.at(-1)).toContain('Removed before: @3, @2.');
  expect((await ask(api, 'DELETE /v1/models/two/versions/2')).json).toMatchObject({
    code: 'MODEL_VERSION_NOT_FOUND',
    received: expect.stringContaining('which retention removed at 2030-01-01'),
  });
});

test.each([
  [{ newest: 0 }, 'newest'],
  [{ newest: 1.5 }, 'newest'],
  [{ days: -1 }, 'days'],
  [{ days: 3651 }, 'days'],
  [{ last: 3 }, 'body'],
])('refuses %j', async (body, at) => {
  const { api } = await served();
  expect((await ask(api, `PUT ${url}`, body)).json).toMatchObject({ status: 400, at });
  const [[name, value] = []] = Object.entries(body);
  expect((await ask(api, `GET ${url}?${name}=${value}`)).status).toBe(400);
});

test.each(['GET', 'PUT', 'DELETE'] as const)('of a model that does not exist is not found: %s', async (method) => {
  const { api } = await served();
  const body = method === 'PUT' ? {} : undefined;
  expect((await ask(api, `${method} /v1/models/nobody/retention`, body)).json).toMatchObject({ code: 'MODEL_NOT_FOUND' });
});

test('--off with other flags is a wrong usage', async () => {
  const { context } = await served();
  await expect(retention('two', { off: true, newest: 2 }, context, silent)).rejects.toMatchObject({ code: 'USAGE' });
  await expect(retention('two', { off: true, dryRun: true }, context, silent)).rejects.toMatchObject({ code: 'USAGE' });
});
