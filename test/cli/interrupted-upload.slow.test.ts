import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LocalApi, LocalApiResponse } from '../../functions/api/dispatch-request.ts';
import { serve } from '../../functions/local/serve.ts';
import { apiSystem } from '../support/api.ts';
import { fileOf, zipOf } from '../support/datasets/archives.ts';
import { imageNumber } from '../support/datasets/import-files.ts';
import { temporaryFolder } from '../support/folder.ts';
import { main } from '../support/graft.ts';

/** graft upload of an archive, at work on a file that the store never takes. */
async function sendingArchive(temporary: string) {
  const { api } = apiSystem();
  const asked = Promise.withResolvers<void>();
  const never = Promise.withResolvers<LocalApiResponse>();
  const silent: LocalApi = (request) => {
    if (request.method !== 'PUT') return api(request);
    asked.resolve();
    return never.promise;
  };
  const server = await serve(silent, { host: '127.0.0.1', port: 0 });
  const zip = fileOf('pets.zip', zipOf([{ name: 'cat/a.png', bytes: await imageNumber(1) }]));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'upload', zip], {
    env: { ...process.env, GRAFT_API: server.address, TMPDIR: temporary },
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    never.resolve({ status: 503, headers: {}, body: new Uint8Array() });
    await server.close();
  });
  const ended = once(child, 'exit');
  await Promise.race([asked.promise, ended]);
  return { child, ended };
}

function unpackedIn(temporary: string): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('graft-archive-'));
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('after %s, nothing of an archive stays unpacked', async (signal) => {
  const temporary = temporaryFolder();
  const { child, ended } = await sendingArchive(temporary);
  expect(unpackedIn(temporary)).toHaveLength(1);
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  expect(unpackedIn(temporary)).toEqual([]);
});

test('what a killed command has unpacked goes with the next upload of an archive', async () => {
  const temporary = temporaryFolder();
  const killed = await sendingArchive(temporary);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const left = unpackedIn(temporary);
  expect(left).toHaveLength(1);
  const anHourAgo = Date.now() / 1000 - 3_600;
  for (const name of left) utimesSync(join(temporary, name, 'alive'), anHourAgo, anHourAgo);
  await sendingArchive(temporary);
  expect(unpackedIn(temporary)).toHaveLength(1);
  expect(unpackedIn(temporary)).not.toEqual(left);
});
