import { describe, expect, it } from 'vitest';
import { imageNumber, importFiles } from '../../../support/datasets/import-files.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);
const images = { 'dogs/1.png': one, 'cats/2.png': two, 'cats/3.png': three };

describe('.lst of SageMaker', () => {
  it('takes the number of each class', async () => {
    const text = '5\t1\tdogs/1.png\n1000\t0.000000\tcats/2.png\r\n22\t0\tcats/3.png\n';
    const { labels, refused } = await importFiles({ 'images.lst': text, ...images });
    expect(refused).toEqual([]);
    expect(labels).toEqual({ 'cats/2.png': ['0'], 'cats/3.png': ['0'], 'dogs/1.png': ['1'] });
  });

  it('takes a file for each part, and several labels as marks', async () => {
    const { labels, splits } = await importFiles({
      'train.lst': '0\t1\t0\t1\tdogs/1.png\n1\t0\t0\t0\tcats/2.png\n',
      'val.lst': '0\t0\t1\t0\tcats/3.png\n',
      ...images,
    });
    expect(labels).toEqual({ 'cats/2.png': [], 'cats/3.png': ['1'], 'dogs/1.png': ['0', '2'] });
    expect(splits).toEqual({ 'cats/2.png': 'train', 'cats/3.png': 'validation', 'dogs/1.png': 'train' });
  });

  it.each([
    { wrong: 'marks that are none', text: '0\t1\t5\tdogs/1.png\n' },
    { wrong: 'a line that is none', text: '0\t1\tdogs/1.png\ndogs/1.png 1\n' },
  ])('fails for $wrong', async ({ text }) => {
    await expect(importFiles({ 'a.lst': text, ...images })).rejects.toMatchObject({
      code: 'EXPORT_INCOMPATIBLE',
      at: expect.stringMatching(/^a\.lst:\d$/),
    });
  });

  it('fails for a line that is too long, and says which', async () => {
    const text = `0\t1\tdogs/1.png\n1\t0\t${'x'.repeat(2 ** 20)}\n`;
    await expect(importFiles({ 'a.lst': text, ...images })).rejects.toMatchObject({ code: 'LINE_TOO_LONG', at: 'a.lst:2' });
  });

  it.each(['dogs/1.png\n', 'x'.repeat(2 ** 20 + 1)])('leaves any other .lst to be refused as a file', async (text) => {
    const { labels, refused } = await importFiles({ 'files.lst': text, ...images });
    expect(Object.keys(labels)).toHaveLength(3);
    expect(refused).toEqual(['files.lst IMAGE_FORMAT_UNSUPPORTED']);
  });
});

describe('augmented manifests of SageMaker', () => {
  const metadata = (more: object) => ({
    'human-annotated': 'yes',
    'creation-date': '2030',
    'job-name': 'labeling-job/sport',
    ...more,
  });
  const lines = (...said: object[]) => said.map((line) => JSON.stringify(line)).join('\n');
  const at = (path: string) => ({ 'source-ref': `s3://bucket/data/${path}` });

  it.each(['output.manifest', 'manifest.jsonl'])('takes the names of classes of %s', async (name) => {
    const said = (label: string) => ({
      Sport: 0,
      'Sport-metadata': metadata({ 'class-name': label, type: 'groundtruth/image-classification' }),
    });
    const text = lines(
      { ...at('dogs/1.png'), ...said('Dog') },
      { ...at('cats/2.png'), ...said('cat') },
      { ...at('cats/3.png'), ...said('cat') },
    );
    const { labels, refused } = await importFiles({ [name]: text, ...images });
    expect(refused).toEqual([]);
    expect(labels).toEqual({ 'cats/2.png': ['cat'], 'cats/3.png': ['cat'], 'dogs/1.png': ['Dog'] });
  });

  it('takes several classes by their map', async () => {
    const type = 'groundtruth/image-classification-multilabel';
    const text = lines(
      {
        ...at('dogs/1.png'),
        things: [1, 8],
        'things-metadata': metadata({ 'class-map': { 1: 'bicycle', 8: 'clothing' }, type }),
      },
      { ...at('cats/2.png'), things: [], 'things-metadata': metadata({ 'class-map': {}, type }) },
    );
    expect((await importFiles({ 'a.manifest': text, ...images })).labels).toEqual({
      'cats/2.png': [],
      'dogs/1.png': ['bicycle', 'clothing'],
    });
  });

  it('takes a class that its map lacks as it is, even one that is called as a member of objects', async () => {
    const text = lines({
      ...at('cats/2.png'),
      things: ['constructor'],
      'things-metadata': metadata({ 'class-map': { 1: 'cat' } }),
    });
    expect((await importFiles({ 'a.manifest': text, ...images })).labels).toEqual({ 'cats/2.png': ['constructor'] });
  });

  it('takes a class of boxes without a map as it is, even one that is called as a member of objects', async () => {
    const box = { annotations: [{ class_id: 'constructor' }] };
    const text = lines({ ...at('cats/2.png'), box, 'box-metadata': metadata({ type: 'groundtruth/object-detection' }) });
    expect((await importFiles({ 'a.manifest': text, ...images })).labels).toEqual({ 'cats/2.png': ['constructor'] });
  });

  it.each([
    {
      form: 'marks',
      values: [
        [1, 0, 1],
        [0, 0, 1],
      ],
    },
    { form: 'marks as text', values: ['[1, 0, 1]', '[0, 0, 1]'] },
    { form: 'numbers', values: [[0, 2], [2]] },
  ])('takes $form of classes', async ({ values }) => {
    const text = lines(...values.map((value, index) => ({ 'image-ref': `s3://b/cats/${index + 2}.png`, class: value })));
    expect((await importFiles({ 'train.manifest': text, ...images })).labels).toEqual({
      'cats/2.png': ['0', '2'],
      'cats/3.png': ['2'],
    });
  });

  it('takes the classes of boxes, and says so', async () => {
    const boxes = {
      annotations: [{ class_id: 0, left: 1, top: 1, width: 2, height: 2 }],
      image_size: [{ width: 20, height: 24, depth: 3 }],
    };
    const type = 'groundtruth/object-detection';
    const text = lines({ ...at('dogs/1.png'), box: boxes, 'box-metadata': metadata({ 'class-map': { 0: 'dog' }, type }) });
    const { labels, warned } = await importFiles({ 'a.manifest': text, ...images });
    expect(labels).toEqual({ 'dogs/1.png': ['dog'] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it('fails where it cannot tell which attribute is the class', async () => {
    const text = lines({ ...at('dogs/1.png'), kind: 1, size: 2 });
    await expect(importFiles({ 'a.manifest': text, ...images })).rejects.toMatchObject({
      code: 'EXPORT_INCOMPATIBLE',
      received: 'kind, size',
    });
  });
});
