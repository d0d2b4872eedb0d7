import { describe, expect, test } from 'vitest';
import { arrangeFiles } from '../../../console/upload/arrange-files.ts';
import { describeUpload } from '../../../console/upload/describe-upload.ts';

const unasked = { isPool: true, label: '' };

function arranged(paths: readonly string[], given = unasked): string[] {
  return paths.map(arrangeFiles(paths, describeUpload(paths), given));
}

/** What the form says of files, without what is not there. */
function described(paths: readonly string[]) {
  const { classes, splits, manifests, exports, unlabelled, outside } = describeUpload(paths);
  return {
    ...(manifests.length > 0 && { manifests }),
    ...(exports.length > 0 && { exports }),
    classes: Object.fromEntries(classes),
    ...(splits.size > 0 && { splits: Object.fromEntries(splits) }),
    ...(unlabelled > 0 && { unlabelled }),
    ...(outside > 0 && { outside }),
  };
}

describe('the description of an upload', () => {
  test.each([
    ['class folders', ['daisy/1.jpg', 'daisy/deep/2.jpg', 'tulip/3.jpg'], { classes: { daisy: 2, tulip: 1 } }],
    [
      'files that are no images',
      ['daisy/1.jpg', 'daisy/notes.txt', 'tulip/3.jpg', 'readme.txt'],
      { classes: { daisy: 1, tulip: 1 } },
    ],
    [
      'the sets of a split',
      ['train/daisy/1.jpg', 'train/tulip/2.jpg', 'val/daisy/3.jpg'],
      { classes: { daisy: 2, tulip: 1 }, splits: { train: 2, validation: 1 } },
    ],
    ['a folder of images without a label', ['daisy/1.jpg', 'unlabelled/2.jpg'], { classes: { daisy: 1 }, unlabelled: 1 }],
    ['images alone', ['1.jpg', '2.jpg'], { classes: {}, unlabelled: 2 }],
    ['an image beside a folder', ['1.jpg', 'daisy/2.jpg'], { classes: { daisy: 1 }, outside: 1 }],
    ['a manifest', ['manifest.csv', 'x/1.jpg', 'notes.json'], { manifests: ['manifest.csv'], classes: { x: 1 } }],
    [
      'a manifest in each set of a split',
      ['train/metadata.csv', 'train/1.jpg', 'test/metadata.csv', 'test/2.jpg'],
      { manifests: ['train/metadata.csv', 'test/metadata.csv'], classes: { train: 1, test: 1 } },
    ],
    ['an export', ['annotations.xml', 'images/1.jpg'], { exports: ['annotations.xml'], classes: { images: 1 } }],
    [
      'an export in a folder',
      ['annotations/all.json', 'images/1.jpg'],
      { exports: ['annotations/all.json'], classes: { images: 1 } },
    ],
  ])('of %s', (_, paths, expected) => {
    expect(described(paths)).toEqual(expected);
  });

  test('has no exports where a file of data is beside each image', () => {
    const paths = Array.from({ length: 1001 }, (_, number) => [`${number}.jpg`, `${number}.json`]).flat();
    expect(described(paths)).toEqual({ classes: {}, unlabelled: 1001 });
  });
});

describe('images without labels', () => {
  test('lose their only folder', () => {
    const paths = ['photos/1.jpg', 'photos/2.jpg'];
    expect(describeUpload(paths).onlyFolder).toBe('photos');
    expect(arranged(paths)).toEqual(['1.jpg', '2.jpg']);
    expect(arranged(paths, { isPool: false, label: '' })).toEqual(paths);
  });

  test.each(['tulip/2.jfif', 'tulip/2.heic', 'tulip/2.unheard'])('do not lose their folder beside %s', (other) => {
    const paths = ['daisy/1.jpg', other];
    expect(describeUpload(paths).onlyFolder).toBeUndefined();
    expect(arranged(paths)).toEqual(paths);
  });

  test('are told by all endings of JPEG files', () => {
    expect(described(['screw/1.jfif', 'screw/2.JPE', 'nut/3.pjpeg'])).toEqual({ classes: { screw: 2, nut: 1 } });
    expect(arranged(['1.jpg', '2.jfif'], { isPool: true, label: 'screw' })).toEqual(['screw/1.jpg', 'screw/2.jfif']);
  });

  test('in folders in their only folder get no classes from these', () => {
    const paths = ['DCIM/100CANON/1.jpg', 'DCIM/101CANON/2.jpg'];
    expect(described(paths)).toEqual({ classes: { DCIM: 2 } });
    expect(arranged(paths)).toEqual(['unlabelled/100CANON/1.jpg', 'unlabelled/101CANON/2.jpg']);
    expect(described(arranged(paths))).toEqual({ classes: {}, unlabelled: 2 });
  });

  test('beside other files go into a folder for them', () => {
    const paths = ['photos/1.jpg', 'photos/notes.json', 'readme.txt'];
    expect(arranged(paths)).toEqual(['unlabelled/1.jpg', 'unlabelled/notes.json', 'readme.txt']);
  });

  test.each([
    ['there are several folders', ['daisy/1.jpg', 'tulip/2.jpg']],
    ['there are a manifest and a folder', ['manifest.csv', 'images/1.jpg']],
    ['there are a possible export and a folder', ['annotations.xml', 'images/1.jpg']],
    ['there are a set of a split and its classes', ['train/daisy/1.jpg', 'train/tulip/2.jpg']],
    ['there is one class in all sets of a split', ['train/daisy/1.jpg', 'val/daisy/2.jpg']],
    ['the folder is named for them', ['unlabelled/1.jpg']],
  ])('nobody is asked for where %s', (_, paths) => {
    expect(describeUpload(paths).onlyFolder).toBeUndefined();
    expect(arranged(paths)).toEqual(paths);
  });
});

describe('images in no folder', () => {
  test.each([
    ['alone', ['1.jpg', '2.jpg'], ['1.jpg', '2.jpg'], ['screw/1.jpg', 'screw/2.jpg']],
    [
      'beside a class and a text',
      ['1.jpg', 'daisy/2.jpg', 'readme.txt'],
      ['unlabelled/1.jpg', 'daisy/2.jpg', 'readme.txt'],
      ['screw/1.jpg', 'daisy/2.jpg', 'readme.txt'],
    ],
    [
      'beside a possible export',
      ['1.jpg', 'daisy/2.jpg', 'notes.json'],
      ['1.jpg', 'daisy/2.jpg', 'notes.json'],
      ['screw/1.jpg', 'daisy/2.jpg', 'notes.json'],
    ],
    [
      'beside the sets of a split',
      ['1.jpg', 'train/daisy/2.jpg', 'val/daisy/3.jpg'],
      ['unlabelled/1.jpg', 'train/daisy/2.jpg', 'val/daisy/3.jpg'],
      ['unassigned/screw/1.jpg', 'train/daisy/2.jpg', 'val/daisy/3.jpg'],
    ],
    [
      'beside one set of a split',
      ['1.jpg', 'train/daisy/2.jpg', 'train/tulip/3.jpg'],
      ['unlabelled/1.jpg', 'train/daisy/2.jpg', 'train/tulip/3.jpg'],
      ['train/screw/1.jpg', 'train/daisy/2.jpg', 'train/tulip/3.jpg'],
    ],
    ['beside a manifest', ['1.jpg', 'manifest.csv'], ['1.jpg', 'manifest.csv'], ['1.jpg', 'manifest.csv']],
  ])('%s: get no label, or the one that is given', (_, paths, without, withLabel) => {
    expect(arranged(paths)).toEqual(without);
    expect(arranged(paths, { isPool: true, label: 'screw' })).toEqual(withLabel);
  });

  test('leave the classes of a split as they are', () => {
    const paths = ['1.jpg', 'train/daisy/2.jpg', 'val/daisy/3.jpg'];
    const sent = arranged(paths, { isPool: true, label: 'screw' });
    expect(described(sent)).toEqual({ classes: { daisy: 2, screw: 1 }, splits: { train: 1, validation: 1 } });
  });
});
