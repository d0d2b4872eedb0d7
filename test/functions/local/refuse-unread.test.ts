import { expect, onTestFinished, test } from 'vitest';
import { serve } from '../../../functions/local/serve.ts';
import { plainRequest, rawRequest } from '../../bench/attack/raw-request.ts';

async function address(): Promise<string> {
  const api = async () => ({ status: 204, headers: {}, body: new Uint8Array() });
  const server = await serve(api, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  return server.address;
}

test('headers that are too large get the problem of the API', async () => {
  const response = await fetch(`${await address()}/v1/health`, { headers: { 'if-none-match': 'x'.repeat(20_000) } });
  expect(response.status).toBe(431);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 431, code: 'HEADERS_TOO_LARGE', at: 'headers' });
});

test('what is not HTTP gets a status, and the server goes on', async () => {
  const { hostname: host, port } = new URL(await address());
  const at = { host, port: Number(port) };
  expect((await rawRequest(at, ['no request at all\r\n\r\n'])).status).toBe(400);
  expect((await rawRequest(at, [plainRequest(at, { method: 'GET', path: '/v1/health' })])).status).toBe(204);
});
