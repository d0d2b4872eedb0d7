import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const entry = fileURLToPath(new URL('../../../functions/train/spare.ts', import.meta.url));

test('a message that is no attempt ends the process, which says why and opens no data folder', async () => {
  const directory = temporaryFolder();
  const spare = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, join(directory, 'spare.log')], {
    env: { ...process.env, GRAFT_DATA_DIR: directory },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  onTestFinished(() => void spare.kill('SIGKILL'));
  const errors = text(spare.stderr ?? expect.fail());
  spare.send({ job: 1, attempt: 'x' });
  expect(await once(spare, 'exit')).toEqual([1, null]);
  expect(await errors).toMatch(/"job"[\s\S]*"attempt"/);
  expect(readdirSync(directory)).toEqual([]);
});
