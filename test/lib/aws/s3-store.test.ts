import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test, vi } from 'vitest';
import { openS3Store } from '../../../lib/aws/s3-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { putIfAbsent } from '../../../lib/store/conditional-put.ts';

afterEach(() => vi.useRealTimers());

test('a removal with a deadline is sent again before it, and not after it', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-01T00:00:00Z') });
  const sent: string[] = [];
  /** S3 is busy, and each request takes ten seconds. */
  const busy = {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle({ method, path }: { method: string; path: string }) {
      sent.push(`${method} ${path}`);
      vi.setSystemTime(Date.now() + 10_000);
      return { response: { statusCode: 503, headers: {}, body: undefined } };
    },
  };
  const store = storeOver(busy);
  const before = new Date('2030-01-01T00:00:15Z');
  await expect(store.delete('blobs/a', { before })).rejects.toMatchObject({ code: 'DELETE_TOO_LATE' });
  expect(sent).toEqual(['DELETE /data/blobs/a', 'DELETE /data/blobs/a']);
});

test('a writer that may not read takes a key that it wrote without an answer for one of another writer', async () => {
  const sent: string[] = [];
  /** S3 stores the object, and the answer is lost. */
  const lossy = {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle({ method }: { method: string }) {
      sent.push(method);
      if (sent.length === 1) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      return { response: { statusCode: method === 'HEAD' ? 403 : 412, headers: {}, body: undefined } };
    },
  };
  expect(await putIfAbsent(storeOver(lossy), 'kept-predictions/a', new Uint8Array(1))).toBe(false);
  expect(sent).toEqual(['PUT', 'PUT', 'HEAD']);
});

/** A store over an S3 that answers as it is told. */
function storeOver(requestHandler: object): ObjectStore {
  const client = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: 'http://127.0.0.1:9',
    forcePathStyle: true,
    maxAttempts: 5,
    retryStrategy: undefined,
    requestHandler: requestHandler as never,
  } as never);
  return openS3Store({ client, buckets: { data: 'data', models: 'models' } });
}
