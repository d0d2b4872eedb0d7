import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { s3Settings } from '../../lib/aws/clients.ts';
import { openS3Store } from '../../lib/aws/s3-store.ts';
import { makeBucket, s3Client, useLocalStack } from '../support/aws/localstack.ts';

const body = new TextEncoder().encode('mine');

test('a write whose answer was lost is known as its own, though its repetition meets the condition unfulfilled', async () => {
  const { store, loseNextAnswer, requests } = await storeBehindProxy();
  loseNextAnswer();
  const created = await store.put('jobs/a.json', body, { ifAbsent: true });
  expect(requests()).toBeGreaterThan(1);
  expect(await store.head('jobs/a.json')).toMatchObject(created);
  loseNextAnswer();
  const replaced = await store.put('jobs/a.json', new TextEncoder().encode('mine, too'), { ifMatch: created.etag });
  expect(await store.head('jobs/a.json')).toMatchObject(replaced);
});

test('whoever was later is told so, also when its answer was lost', async () => {
  const { store, loseNextAnswer } = await storeBehindProxy();
  await store.put('jobs/a.json', body, { ifAbsent: true });
  loseNextAnswer();
  await expect(store.put('jobs/a.json', body, { ifAbsent: true })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
});

test.each([
  ['creates only what is not there', { ifAbsent: true }],
  ['replaces only what was seen', { ifMatch: '"0123456789abcdef0123456789abcdef"' }],
] as const)('a body that goes in parts %s', async (_, condition) => {
  const client = s3Client();
  onTestFinished(() => client.destroy());
  const store = openS3Store({ client, buckets: { data: await makeBucket(client, 'data'), models: 'none' } });
  const large = new Uint8Array(40 * 2 ** 20).fill(7);
  const { etag } = await store.put('features/large', large, { ifAbsent: true });
  await expect(store.put('features/large', large, condition)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  expect(await store.put('features/large', large, { ifMatch: etag })).toMatchObject({ size: large.length });
  expect(await store.getRange('features/large', large.length - 3, large.length)).toEqual(new Uint8Array([7, 7, 7]));
});

/** LocalStack behind a proxy that now and then cuts the line when the answer comes. */
async function storeBehindProxy() {
  const client = s3Client();
  const buckets = { data: await makeBucket(client, 'data'), models: await makeBucket(client, 'models') };
  const { hostname, port } = new URL(useLocalStack().AWS_ENDPOINT_URL ?? '');
  let loses = false;
  let requests = 0;
  const proxy = createServer(async (incoming, outgoing) => {
    requests++;
    const bytes = await buffer(incoming);
    const { method, url, headers } = incoming;
    const forwarded = send({ hostname, port, method, path: url, headers }, async (answer) => {
      const said = await buffer(answer);
      if (loses) {
        loses = false;
        outgoing.destroy();
      } else outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(said);
    });
    forwarded.end(bytes);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const proxied = new S3Client({ ...s3Settings(process.env), endpoint });
  onTestFinished(async () => {
    client.destroy();
    proxied.destroy();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return {
    store: openS3Store({ client: proxied, buckets }),
    loseNextAnswer: () => {
      loses = true;
    },
    requests: () => requests,
  };
}
