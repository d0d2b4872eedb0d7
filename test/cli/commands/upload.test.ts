import { expect, test } from 'vitest';
import { uploadSource } from '../../../cli/commands/upload.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { createClient } from '../../../lib/client/client.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { apiSystem } from '../../support/api.ts';
import { fileOf, zipOf } from '../../support/archives.ts';
import { folderOf, imageNumber } from '../../support/import-files.ts';

const [one, two] = await Promise.all([imageNumber(1), imageNumber(2)]);
const rows = 'path,label\nb.png,dog\na.png,cat\na.png,cat\na.png,cat\n';

test.each([
  {
    source: 'a manifest with equal rows',
    path: () => `${folderOf({ 'manifest.csv': rows, 'a.png': one, 'b.png': two })}/manifest.csv`,
  },
  {
    source: 'an archive with equal entries',
    path: () =>
      fileOf(
        'pets.zip',
        zipOf(
          ['cat/a.png', 'cat/a.png', 'cat/a.png', 'dog/b.png'].map((name) => ({ name, bytes: name === 'dog/b.png' ? two : one })),
        ),
      ),
  },
  {
    source: 'an archive whose entries come again in another part',
    // Another file with the same path begins another part.
    path: () => fileOf('pets.zip', zipOf([one, two, one, two].map((bytes) => ({ name: 'cat/a.png', bytes })))),
    report: { accepted: 1, refused: [{ path: 'cat/a.png', code: 'NAME_TAKEN' }] },
  },
])('sends each file of $source once', async ({ path, report: expected = { accepted: 2, refused: [] } }) => {
  const { api, world } = apiSystem();
  /** As the worker does that the command starts. */
  async function importQueued(): Promise<void> {
    const [received] = await world.queues.imports.receive({ max: 1, visibilitySeconds: 60 });
    if (received?.message.type === 'import') await runImport(received.message.upload, world);
  }
  const context = { client: createClient(api), hasWorker: () => true, wakeWorker: () => void importQueued() };
  const output = { note() {}, progress() {} };
  const report = await uploadSource(
    path(),
    { name: 'pets', maxRefused: 0.5 },
    context as unknown as Context,
    output as unknown as Output,
  );
  expect(report).toMatchObject(expected);
});
