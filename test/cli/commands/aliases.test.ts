import { expect, test } from 'vitest';
import { promote } from '../../../cli/commands/aliases.ts';
import { model } from '../../../cli/commands/models.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem } from '../../support/api.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { silent } from '../../support/silent.ts';

test('graft promote --force needs a reason, and graft model NAME:ALIAS shows it with the gate', async () => {
  const { api, world } = apiSystem();
  const labels = ['cat', 'dog'];
  await publishScored(world, { labels, number: 1, predict: ({ label }) => label });
  await publishScored(world, { labels, number: 2, predict: () => 'cat' });
  const client = createClient(api);
  const context = { client, wakeWorker: () => {}, store: undefined, locate: String, close: async () => {} };
  const told: { value: unknown; text: string }[] = [];
  const output = { ...silent, result: (value: unknown, text: string) => void told.push({ value, text }) };
  await promote({ ref: 'scored@1', alias: 'prod' }, context, output);
  await client.models.setGate('scored', 'prod', { rules: [{ metric: 'accuracy', min: 0.9 }] });
  const second = { ref: 'scored@2', alias: 'prod' };
  await expect(promote(second, context, output)).rejects.toMatchObject({ code: 'GATE_FAILED' });
  await expect(promote({ ...second, force: true }, context, output)).rejects.toMatchObject({ code: 'FORCE_WITHOUT_REASON' });
  await expect(promote({ ...second, reason: 'why' }, context, output)).rejects.toMatchObject({ code: 'FORCE_WITHOUT_REASON' });
  await promote({ ...second, force: true, reason: 'only cats are left' }, context, output);
  expect(told.at(-1)?.text).toContain('It failed the gate on 16 images, and was promoted by force.');
  await model('scored:prod', {}, context, output);
  const { value, text = '' } = told.at(-1) ?? {};
  expect(value).toMatchObject({
    version: 2,
    alias: { alias: 'prod', history: [{ to: 1 }, { from: 1, to: 2 }], gate: { rules: [{}] } },
  });
  expect(text).toContain('Gate of scored:prod:\n  accuracy: at least 90.00%\nHistory of scored:prod:\n');
  expect(text).toMatch(/^ {2}promoted +@1 -> @2 +\S+ +failed the gate: accuracy; forced by .+: only cats are left$/m);
  expect(text).toMatch(/^ {2}created +@1 /m);
  await promote({ ref: 'scored@1', alias: 'prod' }, context, output);
  expect(told.at(-1)?.text).toContain('It passed the gate on 16 images.');
  await promote({ ref: 'scored@1', alias: 'prod' }, context, output);
  expect(told.at(-1)?.text).not.toContain('gate');
  // A version without an alias has none of it.
  await model('scored@2', {}, context, output);
  expect(told.at(-1)?.value).not.toHaveProperty('alias');
});
