import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { apiToken } from '../../../functions/local/api-token.ts';
import { serve } from '../../../functions/local/serve.ts';
import { createClient } from '../../../lib/client/client.ts';
import { httpTransport } from '../../../lib/client/transport.ts';
import { apiSystem, publishConstant } from '../../support/api.ts';
import { temporaryFolder } from '../../support/folder.ts';

const token = 'a-token_of.this~server+1/==';

/** A server that asks for the token. */
async function served() {
  const { api, world } = apiSystem({ origins: ['https://lab.example'] });
  const server = await serve(api, { host: '127.0.0.1', port: 0, token });
  onTestFinished(() => server.close());
  return { address: server.address, world };
}

describe('a server with a token', () => {
  test.each([
    ['nothing', {}],
    ['another token', { authorization: 'Bearer another' }],
    ['the token and more', { authorization: `Bearer ${token}x` }],
    ['the beginning of the token', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['two tokens', { authorization: `Bearer ${token}, Bearer ${token}` }],
  ])('refuses who bears %s, on every route', async (_, headers) => {
    const { address } = await served();
    for (const [method, path] of [
      ['GET', '/v1/health'],
      ['GET', '/v1/jobs'],
      ['GET', '/docs'],
      ['GET', '/openapi.json'],
      ['POST', '/v1/datasets'],
      ['DELETE', '/v1/models/two'],
      ['GET', '/nowhere'],
      ['GET', '/v1/uploads/../jobs'],
      ['GET', '/v1/uploads/x'],
    ]) {
      const response = await fetch(`${address}${path}`, { method: method ?? '', headers });
      expect(response.status, `${method} ${path}`).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="graft"');
      expect(await response.json()).toMatchObject({ status: 401, code: 'API_TOKEN_INVALID' });
    }
  });

  test('answers who bears it, and the typed client that was given it', async () => {
    const { address } = await served();
    const response = await fetch(`${address}/v1/jobs`, { headers: { authorization: `bearer ${token}` } });
    expect(response.status).toBe(200);
    expect(await createClient(httpTransport(address, { token })).jobs.list()).toEqual({ jobs: [] });
  });

  test(
    'answers a client whose process has it as GRAFT_API_TOKEN, and refuses it with the reason where it is ' + 'another',
    async () => {
      const { address } = await served();
      onTestFinished(() => void vi.unstubAllEnvs());
      vi.stubEnv('GRAFT_API_TOKEN', token);
      expect(await createClient(httpTransport(address)).jobs.list()).toEqual({ jobs: [] });
      vi.stubEnv('GRAFT_API_TOKEN', 'another');
      await expect(createClient(httpTransport(address)).jobs.list()).rejects.toMatchObject({
        name: 'ForbiddenError',
        code: 'API_TOKEN_INVALID',
      });
    },
  );

  test('asks for none where the address is signed: its holder has been let in before', async () => {
    const { address, world } = await served();
    await publishConstant(world.store, 'two');
    const client = createClient(httpTransport(address, { token }));
    const { files } = await client.models.files('two', 1);
    const card = files.find(({ name }) => name === 'card.json');
    expect((await fetch(`${address}${card?.request.url}`)).status).toBe(200);
    const forged = await fetch(`${address}${card?.request.url.slice(0, -3)}`);
    expect(forged.status).toBe(403);
  });

  test('lets a page of an allowed origin ask first, which it does without the token', async () => {
    const { address } = await served();
    const headers = { origin: 'https://lab.example', 'access-control-request-method': 'GET' };
    expect((await fetch(`${address}/v1/jobs`, { method: 'OPTIONS', headers })).status).toBe(204);
    expect((await fetch(`${address}/v1/jobs`, { headers })).status).toBe(401);
  });
});

test('a client sends its token to the API alone, and not to addresses elsewhere', async () => {
  const sent: (string | null)[] = [];
  const fetcher: typeof fetch = async (input) => {
    if (input instanceof Request) sent.push(input.headers.get('authorization'));
    return Response.json({});
  };
  const transport = httpTransport('http://127.0.0.1:4400', { fetcher, token });
  const ask = (url: string) => transport({ method: 'GET', url, headers: {} });
  for (const url of [
    '/v1/jobs',
    'http://127.0.0.1:4400/v1/jobs',
    'http://127.0.0.1:4401/v1/jobs',
    'https://bucket.s3.amazonaws.com/a',
  ])
    await ask(url);
  expect(sent).toEqual([`Bearer ${token}`, `Bearer ${token}`, null, null]);
});

describe('the token of a data folder', () => {
  test('is made once, at random, for its owner alone', async () => {
    const directory = temporaryFolder();
    const first = await apiToken(directory, {});
    expect(first).toMatchObject({ isNew: true, file: join(directory, 'api-token') });
    expect(first.token).toMatch(/^[\w-]{43}$/);
    expect(statSync(join(directory, 'api-token')).mode & 0o777).toBe(0o600);
    expect(await apiToken(directory, {})).toEqual({ ...first, isNew: false });
    expect((await apiToken(temporaryFolder(), {})).token).not.toBe(first.token);
  });

  test('is only read at later starts: nothing is written to the folder', async () => {
    const directory = temporaryFolder();
    const { token } = await apiToken(directory, {});
    utimesSync(directory, 1, 1);
    expect(await apiToken(directory, {})).toMatchObject({ token, isNew: false });
    expect(statSync(directory).mtimeMs).toBe(1000);
  });

  test('is one for several processes that start at once, and leaves no draft', async () => {
    const directory = temporaryFolder();
    const made = await Promise.all(Array.from({ length: 20 }, () => apiToken(directory, {})));
    expect(new Set(made.map((each) => each.token)).size).toBe(1);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(readdirSync(directory)).toEqual(['api-token']);
    expect(readFileSync(join(directory, 'api-token'), 'utf8')).toBe(`${made[0]?.token}\n`);
  });

  test('gives way to GRAFT_API_TOKEN, which is kept nowhere', async () => {
    const directory = temporaryFolder();
    expect(await apiToken(directory, { GRAFT_API_TOKEN: token })).toEqual({ token, isNew: false });
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['two words', 'line\nbreak', 'käse', '"quoted"'])('%j is no token', async (GRAFT_API_TOKEN) => {
    await expect(apiToken(temporaryFolder(), { GRAFT_API_TOKEN })).rejects.toMatchObject({ code: 'API_TOKEN_MALFORMED' });
  });
});
