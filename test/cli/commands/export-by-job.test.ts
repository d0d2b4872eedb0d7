import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportTo } from '../../../cli/commands/export.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { runJob } from '../../../functions/train/run-job.ts';
import { type Client, createClient } from '../../../lib/client/client.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { zipFiles } from '../../../lib/model-exports/zip-files.ts';
import { apiSystem } from '../../support/api.ts';
import { scratchFolder } from '../../support/graft.ts';
import { publishColours } from '../../support/models/published-colours.ts';

/** A system on another machine, whose worker does each export when it is submitted. */
async function remote(change: (client: Client) => Partial<Client> = () => ({})) {
  const { api, world, compute } = apiSystem();
  const { prefix } = await publishColours(world);
  const client = createClient(api);
  const submit: Client['models']['export'] = async (ref, body, key) => {
    const job = await client.models.export(ref, body, key);
    const attempt = (await dispatchJob(job.id, compute, world)) ?? 0;
    await workOnJob({ job: job.id, attempt }, runJob, world, new AbortController().signal);
    return job;
  };
  const working = { ...client, models: { ...client.models, export: submit }, ...change(client) };
  const context = { client: working, store: undefined, wakeWorker() {} } as unknown as Context;
  const results: unknown[] = [];
  const output = {
    result: (value: unknown) => results.push(value),
    progress() {},
    endProgress() {},
    note() {},
  } as unknown as Output;
  const folder = join(scratchFolder(), 'out');
  const run = () => exportTo('colours', folder, { to: 'onnx', precision: 'int8', maxLoss: 0.01 }, context, output);
  return { folder, results, run, store: world.store, prefix };
}

test('int8 is made where the store is, and its files are written here', async () => {
  const { folder, results, run } = await remote();
  expect(await run()).toBe(0);
  const [result] = results as [{ files: { name: string; size: number }[] }];
  expect(result).toMatchObject({ model: 'colours', version: 1, format: 'onnx', precision: { precision: 'int8', images: 8 } });
  expect(readdirSync(folder).sort()).toEqual(result.files.map(({ name }) => name).sort());
  for (const { name, size } of result.files) expect(readFileSync(join(folder, name)).length, name).toBe(size);
});

test('a model that is deleted while its job waits fails the job, and nothing is written', async () => {
  const { folder, results, run, store, prefix } = await remote();
  await store.delete(`${prefix}model.onnx`);
  expect(await run()).toBe(1);
  expect(results).toMatchObject([{ state: 'FAILED', error: { code: 'MODEL_PACKAGE_MISSING' } }]);
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});

test('an archive that no longer exists is an error that says which, and what to do', async () => {
  const { run } = await remote(({ jobs }) => ({ jobs: { ...jobs, files: async () => ({ files: [] }) } }));
  await expect(run()).rejects.toMatchObject({
    code: 'JOB_WITHOUT_RESULT',
    received: expect.stringMatching(/^no file .*\.zip$/),
    fix: 'run the command again',
  });
});

test.each([
  ['cut', async (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
  ['altered', async (bytes: Uint8Array) => bytes.map((byte, i) => (i === 200 ? byte ^ 255 : byte))],
  ['of other files', async () => zipFiles([{ name: 'model.onnx', content: 'other' }])],
  ['with a file outside of the folder', async () => zipFiles([{ name: '../evil.mjs', content: 'evil' }])],
])('an archive that arrives %s is refused, and nothing is written', async (_, damage) => {
  const { folder, run } = await remote((client) => ({
    fetchFile: async (file) => damage(await client.fetchFile(file)),
  }));
  await expect(run()).rejects.toMatchObject({ code: 'EXPORT_ARCHIVE_DAMAGED' });
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});
