import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { graftJson, scratchFolder, startDev } from '../../support/graft.ts';

test(
  'graft dev that others may reach makes a token at its first start, prints it once, and lets in only who bears ' + 'it',
  async () => {
    const directory = scratchFolder();
    const first = await startDev({ GRAFT_DATA_DIR: directory }, ['--allowed-host', 'lab.example', '--allowed-host', 'b.example']);
    const { token = '' } = first;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await readFile(join(directory, 'api-token'), 'utf8')).toBe(`${token}\n`);
    const listed = (environment: Record<string, string>) => graftJson(['jobs'], { GRAFT_API: first.address, ...environment });
    expect(await listed({})).toMatchObject({ error: { code: 'API_TOKEN_INVALID' } });
    expect(await listed({ GRAFT_API_TOKEN: 'another' })).toMatchObject({ error: { code: 'API_TOKEN_INVALID' } });
    expect(await listed({ GRAFT_API_TOKEN: token })).toEqual({ jobs: [] });
    await first.stop('SIGTERM');

    const second = await startDev({ GRAFT_DATA_DIR: directory }, ['--allowed-host', 'lab.example']);
    expect(second.token).toBeUndefined();
    expect(await graftJson(['jobs'], { GRAFT_API: second.address, GRAFT_API_TOKEN: token })).toEqual({ jobs: [] });
  },
);

test('graft dev on loopback asks for none, but for that of GRAFT_API_TOKEN', async () => {
  const open = await startDev({ GRAFT_DATA_DIR: scratchFolder() });
  expect(open.token).toBeUndefined();
  expect((await fetch(`${open.address}/v1/jobs`)).status).toBe(200);

  const closed = await startDev({ GRAFT_DATA_DIR: scratchFolder(), GRAFT_API_TOKEN: 'chosen' });
  expect(closed.token).toBeUndefined();
  expect((await fetch(`${closed.address}/v1/jobs`)).status).toBe(401);
  expect((await fetch(`${closed.address}/v1/jobs`, { headers: { authorization: 'Bearer chosen' } })).status).toBe(200);
});
