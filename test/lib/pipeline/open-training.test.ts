import { expect, it } from 'vitest';
import { folderOf, imageNumber } from '../../support/datasets/import-files.ts';
import { trainingContext } from '../../support/training-context.ts';

it.each([
  { name: 'all images belong together', lines: ['0,a,,x', '1,a,,x', '2,b,,x', '3,b,,x'], code: 'SPLIT_WITHOUT_VALIDATION' },
  {
    name: 'the manifest gives one training image of each class',
    lines: ['0,a,train,', '1,a,test,', '2,b,train,', '3,b,test,'],
    code: 'SPLIT_WITHOUT_VALIDATION',
  },
  {
    name: 'all images belong with a test image',
    lines: ['0,a,test,x', '1,a,,x', '2,b,,x', '3,b,,x'],
    code: 'SPLIT_WITHOUT_TRAIN',
  },
])('refuses a data set, before anything is computed, where $name', async ({ lines, code }) => {
  const images = lines.map(async (_, image) => [`${image}.png`, await imageNumber(image)] as const);
  const folder = folderOf({
    'manifest.csv': ['path,label,split,group', ...lines.map((line) => line.replace(',', '.png,'))].join('\n'),
    ...Object.fromEntries(await Promise.all(images)),
  });
  await expect(trainingContext({}, folder)).rejects.toMatchObject({ name: 'DataError', code, at: 'trash' });
});
