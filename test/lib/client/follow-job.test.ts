import { expect, test } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import { signWithAws } from '../../../lib/client/sign-with-aws.ts';
import { httpTransport } from '../../../lib/client/transport.ts';

const address = 'http://127.0.0.1:1';
const credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' });

test.each([
  ['a request', {}],
  ['a signed request', { signer: signWithAws(credentials, 'eu-central-1') }],
])('whoever stops following a job cancels %s that hangs', async (_, options) => {
  const stop = new AbortController();
  const requests: Request[] = [];
  /** Never responds. */
  const fetcher = (request: Request) =>
    new Promise<Response>((_, reject) => {
      request.signal.addEventListener('abort', () => reject(request.signal.reason));
      requests.push(request);
      stop.abort();
    });
  const client = createClient(httpTransport(address, { ...options, fetcher: fetcher as typeof fetch }));
  const events = [];
  for await (const event of client.jobs.follow('job-1', { signal: stop.signal })) events.push(event);
  expect(events).toEqual([]);
  expect(requests.map(({ signal }) => signal.aborted)).toEqual([true]);
});
