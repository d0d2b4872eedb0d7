import { expect, test } from 'vitest';
import { modelDiff } from '../../../cli/commands/model-diff.ts';
import type { Context } from '../../../cli/context.ts';
import { createClient } from '../../../lib/client/client.ts';
import { ModelDiff } from '../../../lib/contracts/model-diff.ts';
import { apiSystem } from '../../support/api.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { silent } from '../../support/silent.ts';

test('graft model-diff tells what changed, as text and as the document of the API', async () => {
  const { api, world } = apiSystem();
  const labels = ['cat', 'dog'];
  await publishScored(world, { labels, number: 1, predict: ({ label }) => label });
  await publishScored(world, { labels, number: 2, predict: ({ place }) => (place < 2 ? 'dog' : 'cat') });
  const told: { value: unknown; text: string }[] = [];
  const context = { client: createClient(api), wakeWorker: () => {}, store: undefined, locate: String, close: async () => {} };
  const output = { ...silent, result: (value: unknown, text: string) => void told.push({ value, text }) };
  expect(await modelDiff('scored@1', 'scored', context, output)).toBe(0);
  expect(ModelDiff.parse(told[0]?.value)).toMatchObject({ images: 16, changeCount: 8 });
  expect(told[0]?.text).toMatch(
    /^scored@1 \(before: 16 test images\) and scored@2 \(after: 16 test images\), on the 16 images that both were evaluated on$/m,
  );
  expect(told[0]?.text).toMatch(/^accuracy +100\.0% +50\.0% +-50\.0 points \(/m);
  expect(told[0]?.text).toMatch(/^0 became right, 8 became wrong, 8 right in both, 0 wrong in both; p = 0\.00/m);
  expect(told[0]?.text).toMatch(/^ {2}became wrong {2}cat\/.* +is cat: +cat 95\.3% -> dog 95\.3%$/m);
});

test('a class without images, whose recall is unknown, is not among the changed ones', async () => {
  const { api, world } = apiSystem();
  for (const number of [1, 2]) await publishScored(world, { labels: ['cat', 'dog'], number, predict: ({ label }) => label });
  const client = createClient(api);
  const diff = await client.models.diff('scored@1', 'scored@2');
  const classes = diff.classes.map(({ recall, ...one }) => one);
  const context = { client: { ...client, models: { ...client.models, diff: async () => ({ ...diff, classes }) } } };
  const told: string[] = [];
  const output = { ...silent, result: (_: unknown, text: string) => void told.push(text) };
  await modelDiff('scored@1', 'scored@2', context as unknown as Context, output);
  expect(told).toHaveLength(1);
  expect(told[0]).not.toContain('F1 BEFORE');
});
