import { afterEach, expect, it, vi } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import { randomUuid } from '../../../lib/client/random-uuid.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

it('gives UUIDs of version 4, each another one', () => {
  const ids = Array.from({ length: 100 }, randomUuid);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(100);
});

it('the client sends POST requests from a page over HTTP, which has no crypto.randomUUID', async () => {
  const { crypto } = globalThis;
  vi.stubGlobal('crypto', { getRandomValues: <Bytes extends Uint8Array>(bytes: Bytes) => crypto.getRandomValues(bytes) });
  const keys: (string | undefined)[] = [];
  const client = createClient(async ({ headers }) => {
    keys.push(headers['idempotency-key']);
    return { status: 200, body: new TextEncoder().encode(JSON.stringify({ digest: 'no-digest' })) };
  });
  await client.datasets.setLabels('two', { labels: [{ image: 'a.jpg', labels: ['a'] }] }).catch(() => {});
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
});
