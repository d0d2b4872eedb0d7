import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { endpointFetch } from '../../../cli/aws/endpoint-fetch.ts';

const api = 'https://a1b2c3.execute-api.us-east-1.amazonaws.com';

test(
  'what is for a deployed API goes to the emulator, under its path and as it is; anything else goes where it ' + 'says',
  async () => {
    const server = createServer((request, response) => {
      response.end(`${request.method} ${request.url} ${request.headers.authorization}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const send = endpointFetch(api, endpoint);
    const signed = { headers: { authorization: 'AWS4-HMAC-SHA256 signed' } };
    const answerOf = async (url: string, init: RequestInit) => (await send(new Request(url, init))).text();

    expect(await answerOf(`${api}/v1/jobs?limit=2`, { method: 'POST', body: '{}', ...signed })).toBe(
      'POST /_aws/execute-api/a1b2c3/$default/v1/jobs?limit=2 AWS4-HMAC-SHA256 signed',
    );
    expect(await answerOf(`${endpoint}/bucket/blobs/1`, signed)).toBe('GET /bucket/blobs/1 AWS4-HMAC-SHA256 signed');
  },
);
