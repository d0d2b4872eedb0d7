import { S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSourceBuckets } from '../../../lib/aws/s3-source-buckets.ts';
import { openS3Store } from '../../../lib/aws/s3-store.ts';
import { type Answer, serve } from '../../support/browser/file-server.ts';

const CONTENT = 'the whole body';

/** The connection breaks after a part of the body. */
const broken: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': CONTENT.length, etag: '"old"' });
  response.write(CONTENT.slice(0, 5), () => response.destroy());
};

const whole: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': CONTENT.length, etag: '"new"', 'x-amz-version-id': 'v2' }).end(CONTENT);
};

const missing: Answer = (_, response) => {
  response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code></Error>');
};

/** A store, and source buckets, whose requests are answered by this machine one after the other. */
async function openS3(...answers: readonly Answer[]) {
  const { url, ranges } = await serve(...answers);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  const endpoint = new URL('/', url).href;
  const client = new S3Client({ endpoint, forcePathStyle: true, maxAttempts: 1 });
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
  const sources = openSourceBuckets({ ...process.env, GRAFT_SOURCE_BUCKETS: 'photos' });
  onTestFinished(() => {
    vi.unstubAllEnvs();
    client.destroy();
    sources.close();
  });
  return { store: openS3Store({ client, buckets: { data: 'data', models: 'models' } }), sources, ranges };
}

const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

test('an object whose connection breaks is read again, with the ETag of the response that arrived', async () => {
  const { store } = await openS3(broken, broken, whole);
  const { body, etag } = (await store.get('blobs/a')) ?? {};
  expect([textOf(body), etag]).toEqual([CONTENT, '"new"']);
});

test('so is a range, with the same bounds', async () => {
  const { store, ranges } = await openS3(broken, whole);
  expect(textOf(await store.getRange('blobs/a', 2, 16))).toBe(CONTENT);
  expect(ranges).toEqual(['bytes=2-15', 'bytes=2-15']);
});

test('so is an image of a source bucket, with the version that arrived', async () => {
  const { sources } = await openS3(broken, whole);
  const read = await sources.read({ bucket: 'photos', key: 'a.jpg' }, 100);
  expect(read).toMatchObject({ etag: '"new"', version: 'v2' });
  expect(textOf(read?.body)).toBe(CONTENT);
});

test('an object that breaks three times fails with an error that can be retried', async () => {
  const { store, ranges } = await openS3(broken);
  await expect(store.get('blobs/a')).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE', retryable: true });
  expect(ranges).toHaveLength(3);
});

test('an object that is gone when it is requested anew is missing', async () => {
  const { store } = await openS3(broken, missing);
  expect(await store.get('blobs/a')).toBeUndefined();
});
