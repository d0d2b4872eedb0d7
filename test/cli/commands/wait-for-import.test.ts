import { expect, test } from 'vitest';
import { waitForImport } from '../../../cli/commands/wait-for-import.ts';
import type { Context } from '../../../cli/context.ts';
import { ImportDetached } from '../../../cli/import-detached.ts';
import type { Output } from '../../../cli/output.ts';
import { createClient } from '../../../lib/client/client.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { workOnImportPart } from '../../../lib/datasets/spread/check-part.ts';
import { addFiles, completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { apiSystem } from '../../support/api.ts';
import { imageNumber } from '../../support/datasets/import-files.ts';
import { uploadBytes } from '../../support/datasets/upload.ts';
import { testWorld } from '../../support/world.ts';

const reason = '2 functions: 3 min and $0.10, against one: 9 min and $0.08';

test('says once which functions share an import, and for what reason', async () => {
  const { api, world: local } = apiSystem();
  const { extractions } = testWorld({ extractions: true }).queues;
  const world = { ...local, queues: { ...local.queues, extractions } };
  const { id } = await createUpload({ name: 'pictures', maxRefused: 0 }, world);
  const files = await uploadBytes(world.store, { 'a/1.png': await imageNumber(1), 'b/2.png': await imageNumber(2) });
  await addFiles(id, files, world);
  await completeUpload(id, { parts: 1, files: files.length }, world);
  const spread = { leastFiles: 2, choose: () => ({ functions: 2, seconds: 180, dollars: 0.1, reason }) };
  await runImport(id, world, { spread });

  const [notes, shown]: [string[], string[]] = [[], []];
  /** The functions do their part while the command waits. */
  async function work(): Promise<void> {
    const [part] = (await extractions?.receive({ max: 1, visibilitySeconds: 60 })) ?? [];
    if (part?.message.type !== 'check') return;
    await workOnImportPart(part.message, world, { secondsLeft: () => 180 });
    await runImport(id, world, { spread });
  }
  const output = { note: (text: string) => notes.push(text), progress: (text: string) => shown.push(text) };
  const context = { client: createClient(api), hasWorker: () => false, wakeWorker() {} };
  const waiting = waitForImport(id, context as unknown as Context, output as unknown as Output);
  await expect.poll(() => shown).toContain('waiting for the import by 2 functions');
  await work();
  expect((await waiting).accepted).toBe(2);
  expect(notes).toEqual([`Functions share the import; ${reason}.`]);
});

test('tells the images that functions check from those whose checks the import collects', async () => {
  const spread = { functions: 16, seconds: 180, dollars: 0.1, reason };
  const states = [
    { state: 'IMPORTING', spread, progress: { done: 9, total: 9 } },
    { state: 'IMPORTING', spread, progress: { done: 1, total: 10 } },
    { state: 'FAILED', spread, error: { code: 'DATASET_EMPTY', message: 'nothing is left' } },
  ];
  const client = { datasets: { getUpload: async () => states.shift() } };
  const shown: string[] = [];
  const output = { note() {}, progress: (text: string) => shown.push(text) };
  const context = { client, hasWorker: () => false, wakeWorker() {} };
  await expect(waitForImport('u', context as unknown as Context, output as unknown as Output)).rejects.toMatchObject({
    code: 'DATASET_EMPTY',
  });
  expect(shown).toEqual(['checking by 16 functions: 9 of 9 images', 'collecting the checks of the functions: 1 of 10 images']);
});

test('Ctrl-C while the report of a finished import is read ends the command', async () => {
  const listeners = process.listenerCount('SIGINT');
  const report = { dataset: 'pictures', digest: 'sha256-a', classes: [], refused: [], counts: { classes: 0, refused: 1 } };
  let during: number | undefined;
  const datasets = {
    getUpload: async () => ({ state: 'READY', report }),
    async report() {
      during = process.listenerCount('SIGINT');
      return report;
    },
  };
  const context = { client: { datasets } } as unknown as Context;
  await waitForImport('u', context, { note() {} } as unknown as Output, { detachable: true });
  expect(during).toBe(listeners);
});

test.each(['a request that hangs', 'the pause between two requests'])(
  'Ctrl-C during %s leaves the import running',
  async (when) => {
    const getUpload = async (_: string, { signal }: { signal: AbortSignal }) => {
      setImmediate(() => process.listeners('SIGINT').at(-1)?.('SIGINT'));
      if (when.startsWith('the pause')) return { state: 'IMPORTING' };
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const listeners = process.listenerCount('SIGINT');
    const output = { note() {}, progress() {}, endProgress() {} };
    const context = { client: { datasets: { getUpload } } } as unknown as Context;
    const waiting = waitForImport('u', context, output as unknown as Output, { detachable: true });
    const error = await waiting.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImportDetached);
    expect(error).toMatchObject({ id: 'u' });
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  },
);
