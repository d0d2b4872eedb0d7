import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '../../../lib/library/load-model.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('a model that the data directory does not have is named', async () => {
  const opened = loadModel('nothing', { dataDirectory: temporaryFolder() });
  await expect(opened).rejects.toMatchObject({ name: 'NotFoundError', code: 'MODEL_NOT_FOUND' });
});

test('a folder that is not a package is named, with the file that it lacks', async () => {
  const folder = temporaryFolder();
  await expect(loadModel(folder)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', at: expect.stringContaining(folder) });
});

test('a card that no Graft has written is not opened', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'card.json'), '{"model":"flowers"}');
  writeFileSync(join(folder, 'model.onnx'), '');
  await expect(loadModel(folder)).rejects.toMatchObject({ name: 'DataError', code: 'CARD_UNREADABLE' });
});
