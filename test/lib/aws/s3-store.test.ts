import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, test, vi } from 'vitest';
import { openS3Store } from '../../../lib/aws/s3-store.ts';

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
  const client = new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: 'http://127.0.0.1:9',
    forcePathStyle: true,
    maxAttempts: 5,
    retryStrategy: undefined,
    requestHandler: busy as never,
  } as never);
  const store = openS3Store({ client, buckets: { data: 'data', models: 'models' } });
  const before = new Date('2030-01-01T00:00:15Z');
  await expect(store.delete('blobs/a', { before })).rejects.toMatchObject({ code: 'DELETE_TOO_LATE' });
  expect(sent).toEqual(['DELETE /data/blobs/a', 'DELETE /data/blobs/a']);
});
