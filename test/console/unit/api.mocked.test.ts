import { afterEach, expect, test, vi } from 'vitest';
import type { Client } from '../../../lib/client/client.ts';

/** A variable, because the types of the tests are those of Node, and lack the page's. */
const MODULE: string = '../../../console/api.ts';

interface Api {
  readonly apiAddress: string;
  readonly client: Client;
  readonly generation: { readonly value: number };
  readonly isReachable: { value: boolean };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.resetModules();
});

/** The page at an address, with a token; its requests. */
async function pageAt(address: string, answer: (request: Request) => Response) {
  const { hash, href, pathname } = new URL(address);
  const sent: Request[] = [];
  vi.useFakeTimers();
  vi.stubGlobal('location', { href });
  vi.stubGlobal('window', { location: { hash, pathname }, addEventListener: () => {} });
  vi.stubGlobal('sessionStorage', { getItem: () => 'secret' });
  vi.stubGlobal('fetch', async (input: Request | string, init: RequestInit) => {
    const request = new Request(input, init);
    sent.push(request);
    return answer(request);
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

test('a connection that is lost while only files are loaded is noticed, and found again', async () => {
  let isLost = true;
  const { client, generation, isReachable } = await pageAt('https://lab.example/', () => {
    if (isLost) throw new TypeError('Failed to fetch');
    return new Response();
  });
  const request = { method: 'GET', url: 'https://bucket.s3.eu-west-1.amazonaws.com/a', headers: {} } as const;
  const fetching = client.fetchFile({ request }).catch(() => 'failed');
  await vi.advanceTimersByTimeAsync(500);
  expect(isReachable.value).toBe(false);
  isLost = false;
  await vi.advanceTimersByTimeAsync(20_000);
  await fetching;
  expect([isReachable.value, generation.value]).toEqual([true, 1]);
});

test('a store that cannot be reached says nothing about the API, whose own loss still counts', async () => {
  let isApiLost = false;
  const { client, generation, isReachable } = await pageAt('https://lab.example/', ({ url }) => {
    if (isApiLost || url.startsWith('https://bucket.')) throw new TypeError('Failed to fetch');
    return Response.json({ jobs: [] });
  });
  const failureOf = async (sending: Promise<unknown>) => {
    const failure = sending.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(20_000);
    return failure;
  };
  const store = 'https://bucket.s3.eu-west-1.amazonaws.com';
  const request = { method: 'GET', url: `${store}/a?X-Amz-Signature=1`, headers: {} } as const;
  expect(await failureOf(client.fetchFile({ request }))).toMatchObject({ code: 'API_UNREACHABLE', at: store });
  await client.jobs.list();
  expect([isReachable.value, generation.value]).toEqual([true, 0]);
  isApiLost = true;
  expect(await failureOf(client.jobs.list())).toMatchObject({ code: 'API_UNREACHABLE', at: 'https://lab.example' });
  expect(isReachable.value).toBe(false);
});
