import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { formatCommand } from '../../cli/format-command.ts';
import { run } from '../../cli/run.ts';
import { serve } from '../../functions/local/serve.ts';
import { apiSystem } from '../support/api.ts';
import { trashPhotographs } from '../support/graft.ts';
import { written } from '../support/written.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  { command: ['upload', trashPhotographs, '--name', 'trash'], typed: `graft upload ${trashPhotographs} --name trash --json` },
  {
    command: ['train', '--dataset', trashPhotographs, '--head', 'mlp', '--wait'],
    typed: `graft train --dataset ${trashPhotographs} --head mlp --wait --json`,
  },
  {
    command: ['evaluate', "a b's", '--dataset', trashPhotographs],
    typed: `graft evaluate 'a b'\\''s' --dataset ${trashPhotographs} --json`,
  },
])('$command.0: Ctrl-C during an import prints one document, and how to come back', async ({ command, typed }) => {
  const { api, world } = apiSystem();
  const server = await serve(api, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const [out, err] = [written('stdout'), written('stderr')];
  const listeners = process.listenerCount('SIGINT');
  const status = run([...command, '--json'], { GRAFT_API: server.address });
  await expect.poll(() => err.text, { timeout: 30_000 }).toContain('waiting for the import');
  expect(process.listenerCount('SIGINT')).toBe(listeners + 1);
  process.listeners('SIGINT').at(-1)?.('SIGINT');

  expect(await status).toBe(130);
  expect(JSON.parse(out.text)).toEqual({ upload: expect.any(String), state: 'IMPORTING' });
  expect(err.text).toContain(
    `The import goes on; no job was submitted. To come back, repeat the command:\n  ${formatCommand(typed)}\n`,
  );
  expect(await world.queues.trainings.receive({ max: 1, visibilitySeconds: 1 })).toEqual([]);
});

test.each([[[]], [['weights']]])('graft %j --json without a command says so', async (args) => {
  const out = written('stdout');
  expect(await run([...args, '--json'], {})).toBe(2);
  expect(JSON.parse(out.text)).toMatchObject({ error: { code: 'USAGE', received: 'no command' } });
});
