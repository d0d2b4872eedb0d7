import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openExplanationWriter } from '../../../cli/commands/write-explanations.ts';
import { temporaryFolder } from '../../support/folder.ts';

function predicted(image: string, label: string) {
  const explanation = { label, method: 'occlusion' as const, grid: [1, 1] as [number, number], heat: [[1]], overlay: 'UE5H' };
  return { image, labels: [], abstained: false, explanation };
}

it('writes a picture for each image and label, and says where', async () => {
  const folder = join(temporaryFolder(), 'new');
  const { write } = await openExplanationWriter(folder);
  const { explanation } = await write(predicted('photos/a.jpg', 'cat'));
  expect(explanation).toEqual({ label: 'cat', method: 'occlusion', grid: [1, 1], heat: [[1]], file: join(folder, 'a.cat.png') });
  expect(await readFile(join(folder, 'a.cat.png'), 'utf8')).toBe('PNG');
});

it.each([
  ['a number if another image has the same name', ['x/a.jpg', 'y/a.png'], 'cat', ['a.cat.png', 'a.cat-2.png']],
  ['no slash of a label', ['a.jpg'], '../cat/big', ['a..._cat_big.png']],
  ['letters of every script', ['Straße 1.jpg'], '猫', ['Straße_1.猫.png']],
])('gives a file %s', async (_, images, label, expected) => {
  const folder = temporaryFolder();
  const { write } = await openExplanationWriter(folder);
  for (const image of images) await write(predicted(image, label));
  expect((await readdir(folder)).sort()).toEqual(expected.toSorted());
});

it('refuses a folder that is a file', async () => {
  const file = join(temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(openExplanationWriter(file)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', at: file });
});
