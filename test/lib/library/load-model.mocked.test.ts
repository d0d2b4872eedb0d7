import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadModel } from '../../../lib/library/load-model.ts';
import { temporaryFolder } from '../../support/folder.ts';

test.each(['flowers', 'run.csv'])(
  '%s is a model of the data directory, also beside a folder of images of that name',
  async (name) => {
    const folder = workingFolder();
    mkdirSync(join(folder, name));
    const opened = loadModel(name, { dataDirectory: join(folder, 'data') });
    await expect(opened).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', at: name });
  },
);

test.each(['package', './package', 'package/../package'])('%s is the folder of a package', async (ref) => {
  const folder = join(workingFolder(), 'package');
  mkdirSync(folder);
  writeFileSync(join(folder, 'card.json'), '{}');
  writeFileSync(join(folder, 'model.onnx'), '');
  await expect(loadModel(ref)).rejects.toMatchObject({ code: 'CARD_UNREADABLE' });
});

/** A folder that is the working folder for the rest of the test. */
function workingFolder(): string {
  const [before, folder] = [process.cwd(), temporaryFolder()];
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  return folder;
}
