import { expect, test } from 'vitest';
import type { Gate } from '../../../lib/contracts/gate.ts';
import { readGate, writeGate } from '../../../lib/models/gates.ts';
import { testWorld } from '../../support/world.ts';

test('a model has at most 1,000 gates, which can be replaced', async () => {
  const { store } = testWorld();
  const gate: Gate = { rules: [{ metric: 'accuracy', min: 0.9 }] };
  const version = {
    version: 1,
    job: 'job-zd310wsts-0000000001',
    package: 'models/flowers/job-zd310wsts-0000000001-1/',
    createdAt: '2030-01-01T00:00:00.000Z',
    backbone: 'efficientnet_lite0',
    dataset: 'flowers',
  };
  const gates = Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`alias-${i}`, gate]));
  const record = { name: 'flowers', versions: [version], aliases: { latest: 1 }, gates };
  await store.put('registry/flowers.json', new TextEncoder().encode(JSON.stringify(record)));
  await writeGate('flowers', 'prod', gate, store);
  await expect(writeGate('flowers', 'one-more', gate, store)).rejects.toMatchObject({ code: 'GATES_TOO_MANY' });
  const stricter: Gate = { rules: [{ metric: 'accuracy', min: 0.95 }] };
  await writeGate('flowers', 'prod', stricter, store);
  expect(await readGate('flowers', 'prod', store)).toEqual(stricter);
});
