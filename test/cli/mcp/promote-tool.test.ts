import { expect, test } from 'vitest';
import { promoteTool } from '../../../cli/mcp/promote-tool.ts';
import { createSession } from '../../../cli/mcp/session.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem } from '../../support/api.ts';
import { publishScored } from '../../support/models/scored-model.ts';

test('promote reports a verdict and a force only of its own move', async () => {
  const { api, world } = apiSystem();
  await publishScored(world, { labels: ['cat', 'dog'], number: 1, predict: () => 'cat' });
  const client = createClient(api);
  await client.models.setGate('scored', 'prod', { rules: [{ metric: 'accuracy', min: 0.9 }] });
  const context = { client, wakeWorker: () => {}, store: world.store, locate: String, close: async () => {} };
  const { signal } = new AbortController();
  const session = createSession(context, true, signal);
  const promote = (reason: string) => promoteTool.run({ ref: 'scored@1', alias: 'prod', force: { reason } }, session, signal);
  const first = await promote('only cats are left');
  expect(first.value).toMatchObject({ before: null, verdict: { passed: false }, force: { reason: 'only cats are left' } });
  const again = await promote('another reason');
  expect(again.value).toEqual({ model: 'scored', alias: 'prod', version: 1, before: 1 });
  expect((await client.models.getAlias('scored', 'prod')).history).toHaveLength(1);
  expect(again.text).toBe('scored:prod is scored@1, as before.');
});
