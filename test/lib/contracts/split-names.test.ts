import { describe, expect, it } from 'vitest';
import { partNamed, partOfFile } from '../../../lib/contracts/split-names.ts';
import { imageNumber, importFiles } from '../../support/datasets/import-files.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);

describe('names of parts', () => {
  it.each([
    ['train', 'train'],
    ['TRAIN', 'train'],
    [' Training ', 'train'],
    ['val', 'validation'],
    ['valid', 'validation'],
    ['Validation', 'validation'],
    ['dev', 'validation'],
    ['eval', 'validation'],
    ['test', 'test'],
    ['testing', 'test'],
    ['UNASSIGNED', 'unassigned'],
    ['tain', undefined],
    ['constructor', undefined],
    ['', undefined],
  ])('%j is %s', (word, part) => {
    expect(partNamed(word)).toBe(part);
  });

  it.each([
    ['train2017', 'train'],
    ['instances_val2017.json', 'validation'],
    ['test.lst', 'test'],
    ['default.json', undefined],
    ['trainer.json', undefined],
    ['train-and-test.json', undefined],
    ['unassigned.json', undefined],
  ])('of a file, %s is %s', (name, part) => {
    expect(partOfFile(name)).toBe(part);
  });

  it('assigns what a manifest has as unassigned', async () => {
    const text = 'path,label,split\n1.png,a,UNASSIGNED\n2.png,b,TRAIN\n3.png,b,eval\n';
    const { splits, refused } = await importFiles({ 'manifest.csv': text, '1.png': one, '2.png': two, '3.png': three });
    expect(splits).toEqual({ '2.png': 'train', '3.png': 'validation' });
    expect(refused).toEqual([]);
  });
});

describe('folders that are parts of a split', () => {
  it('hold the folders of classes', async () => {
    const { labels, splits, report } = await importFiles({
      'train/cat/1.png': one,
      'Train/dog/x/2.png': two,
      'test/cat/3.png': three,
      'README.md': '',
    });
    expect(labels).toEqual({ 'Train/dog/x/2.png': ['dog'], 'test/cat/3.png': ['cat'], 'train/cat/1.png': ['cat'] });
    expect(splits).toEqual({ 'Train/dog/x/2.png': 'train', 'test/cat/3.png': 'test', 'train/cat/1.png': 'train' });
    expect(report.split).toEqual({ train: 2, validation: 0, test: 1 });
  });

  it('are told from folders without images', async () => {
    const files = { 'train/cat/1.png': one, 'val/cat/2.png': two, 'notes/todo.txt': 'label more', 'scripts/a/b.py': 'pass' };
    const { labels, splits } = await importFiles(files);
    expect(labels).toEqual({ 'train/cat/1.png': ['cat'], 'val/cat/2.png': ['cat'] });
    expect(splits).toEqual({ 'train/cat/1.png': 'train', 'val/cat/2.png': 'validation' });
  });

  it('say nothing where there is one', async () => {
    const { labels, splits } = await importFiles({ 'train/cat/1.png': one, 'train/dog/2.png': two });
    expect(labels).toEqual({ 'train/cat/1.png': ['cat'], 'train/dog/2.png': ['dog'] });
    expect(splits).toEqual({});
  });

  it.each([
    {
      name: 'one is a class like others',
      files: ['train/red/1.png', 'bus/red/2.png', 'car/3.png'],
      classes: ['bus', 'car', 'train'],
    },
    { name: 'there are no folders in them', files: ['train/1.png', 'test/2.png'], classes: ['test', 'train'] },
  ])('are classes where $name', async ({ files, classes }) => {
    const all = [one, two, three];
    const { report, splits } = await importFiles(Object.fromEntries(files.map((path, index) => [path, all[index] ?? one])));
    expect(report.classes.map(({ label }) => label)).toEqual(classes);
    expect(splits).toEqual({});
  });

  it('refuse an image that is in no class', async () => {
    const { refused } = await importFiles({ 'train/cat/1.png': one, 'val/dog/2.png': two, 'val/3.png': three });
    expect(refused).toEqual(['val/3.png NO_CLASS']);
  });

  it('may have a manifest each, as Hugging Face has them', async () => {
    const { labels, splits, refused } = await importFiles({
      'train/metadata.csv': 'file_name,label\n1.png,cat\n./x/2.png,dog\ngone.png,dog\n',
      'train/1.png': one,
      'train/x/2.png': two,
      'test/metadata.jsonl': '{"file_name":"3.png","label":"cat"}\n',
      'test/3.png': three,
    });
    expect(labels).toEqual({ 'test/3.png': ['cat'], 'train/1.png': ['cat'], 'train/x/2.png': ['dog'] });
    expect(splits).toEqual({ 'test/3.png': 'test', 'train/1.png': 'train', 'train/x/2.png': 'train' });
    expect(refused).toEqual(['train/gone.png MANIFEST_FILE_MISSING']);
  });
});
