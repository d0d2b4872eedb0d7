import { describe, expect, test } from 'vitest';
import { isFolderName, nameFrom, outerFolder } from '../../../console/upload/outer-folder.ts';
import { isOsJunk } from '../../../lib/contracts/upload-files.ts';

describe('the folder around everything', () => {
  test.each([
    ['a folder of classes', ['flowers/daisy/1.jpg', 'flowers/tulip/1.jpg'], 'flowers'],
    ['a folder with a manifest', ['flowers/manifest.csv', 'flowers/1.jpg'], 'flowers'],
    ['a folder with an export', ['flowers/instances.json', 'flowers/1.jpg'], 'flowers'],
    [
      'a folder of classes beside what an operating system leaves',
      ['flowers/daisy/1.jpg', '__MACOSX/flowers/._1.jpg'],
      'flowers',
    ],
    ['a folder of images is a class', ['daisy/1.jpg', 'daisy/2.jpg'], undefined],
    ['two classes', ['daisy/1.jpg', 'tulip/1.jpg'], undefined],
    ['a loose file beside a folder', ['flowers/daisy/1.jpg', 'readme.txt'], undefined],
    ['nothing', [], undefined],
  ])('%s', (_, paths, expected) => {
    expect(outerFolder(paths)).toBe(expected);
  });
});

test('a name of a data set follows from any name of a file', () => {
  expect(nameFrom('My Flowers (2024).zip')).toBe('my-flowers-2024');
  expect(nameFrom('../..')).toBe('images');
  expect(nameFrom('x'.repeat(100))).toHaveLength(64);
});

test('files of the operating system are no images of the user', () => {
  for (const path of ['__MACOSX/a.jpg', 'a/.DS_Store', 'a/Thumbs.db', 'a/._1.jpg']) expect(isOsJunk(path)).toBe(true);
  expect(isOsJunk('daisy/thumbs.dbx.jpg')).toBe(false);
});

test.each([
  ['screw', true],
  ['a.b', true],
  ['...', true],
  ['screw/defect', false],
  ['.', false],
  ['..', false],
  ['', false],
])('the class %j of images without a folder is the name of one folder: %s', (label, expected) => {
  expect(isFolderName(label)).toBe(expected);
});
