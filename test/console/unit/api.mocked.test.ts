import { afterEach, expect, test, vi } from 'vitest';
import type { Client } from '../../../lib/client/client.ts';

/** A variable, because the types of the tests are those of Node, and lack the page's. */
const MODULE: string = '../../../console/api.ts';

interface Api {
  readonly apiAddress: string;
  readonly client: Client;
  readonly isReachable: { value: boolean };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.resetModules();
});

/** The page at an address, with a token; its requests. */
async function pageAt(address: string, answer: () => Response) {
  const { hash, href, pathname } = new URL(address);
  const sent: Request[] = [];
  vi.useFakeTimers();
  vi.stubGlobal('location', { href });
  vi.stubGlobal('window', { location: { hash, pathname }, addEventListener: () => {} });
  vi.stubGlobal('sessionStorage', { getItem: () => 'secret' });
  vi.stubGlobal('fetch', async (input: Request | string, init: RequestInit) => {
    sent.push(new Request(input, init));
    return answer();
  });
  const api: Api = await import(MODULE);
  return { ...api, sent };
}

test.each([
  ['http://127.0.0.1:4400/#/jobs', 'http://127.0.0.1:4400'],
  ['https://lab.example/graft/#/jobs', 'https://lab.example/graft'],
  ['https://lab.example/graft/index.html?code=a/b#/jobs', 'https://lab.example/graft'],
])('the page at %s sends its requests to %s', async (page, root) => {
  const { apiAddress, client, sent } = await pageAt(page, () => Response.json({ jobs: [] }));
  expect(apiAddress).toBe(root);
  await client.jobs.list();
  const [request] = sent;
  expect(request?.url).toBe(`${root}/v1/jobs`);
  expect(request?.headers.get('authorization')).toBe('Bearer secret');
  expect(request?.redirect).toBe('manual');
});

test('a request to another service of the host has no token', async () => {
  const { client, sent } = await pageAt('https://lab.example/graft/', () => new Response());
  const request = { method: 'PUT', url: 'https://lab.example/store/a?X-Amz-Signature=1', headers: {} } as const;
  await client.datasets.sendFile({ path: 'a', request }, new Uint8Array());
  expect(sent[0]?.url).toBe('https://lab.example/store/a?X-Amz-Signature=1');
  expect(sent[0]?.headers.get('authorization')).toBeNull();
});

test('a lost connection is looked for below the folder of the page', async () => {
  let isLost = true;
  const { isReachable, sent } = await pageAt('https://lab.example/graft/', () => {
    if (isLost) throw new TypeError('no route');
    return new Response();
  });
  isReachable.value = false;
  isLost = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.map(({ url }) => url)).toEqual(['https://lab.example/graft/v1/health']);
  expect(isReachable.value).toBe(true);
});
