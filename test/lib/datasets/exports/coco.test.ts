import { expect, it } from 'vitest';
import { readCoco } from '../../../../lib/datasets/exports/coco.ts';
import { imageNumber, importFiles } from '../../../support/datasets/import-files.ts';

const coco = {
  info: { year: 2030 },
  images: [
    { id: 1, file_name: 'one.jpg', width: 128, height: 128 },
    { id: 2, file_name: 'images/two.jpg' },
    { id: 3, file_name: 'gone.jpg' },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 7, bbox: [0, 0, 9, 9] },
    { id: 2, image_id: 1, category_id: 7, bbox: [9, 9, 9, 9] },
    { id: 3, image_id: 1, category_id: 4, bbox: [0, 9, 9, 9] },
  ],
  categories: [
    { id: 4, name: 'bottle', supercategory: 'thing' },
    { id: 7, name: 'can' },
  ],
};
const [one, two] = await Promise.all([imageNumber(1), imageNumber(2)]);

it('labels an image with every category that is in it, once, and with none where there is nothing', () => {
  expect(readCoco('instances.json', coco)).toMatchObject({
    ofRegions: true,
    entries: [
      { path: 'one.jpg', labels: { labels: ['bottle', 'can'] } },
      { path: 'images/two.jpg', labels: { labels: [] } },
      { path: 'gone.jpg', labels: { labels: [] } },
    ],
  });
});

it('takes an image without an annotation as one without a label where whole images are annotated', async () => {
  const annotations = [
    { image_id: 1, category_id: 7, bbox: [], segmentation: null },
    { image_id: 2, category_id: 4 },
  ];
  const files = { 'a.json': JSON.stringify({ ...coco, annotations }), 'one.jpg': one, 'images/two.jpg': two };
  const { report, refused } = await importFiles({ ...files, 'gone.jpg': await imageNumber(3) });
  expect(report.task).toBe('single-label');
  expect(refused).toEqual(['gone.jpg MANIFEST_LABEL_MISSING']);
});

it.each([
  { region: 'a box', annotation: { bbox: [0, 0, 9, 9] } },
  { region: 'a polygon', annotation: { segmentation: [[0, 0, 9, 0, 9, 9]] } },
  { region: 'a mask', annotation: { segmentation: { counts: [3, 4], size: [8, 8] } } },
])('takes an image without a region as one to which no label applies, where $region is marked', ({ annotation }) => {
  const annotations = [{ image_id: 1, category_id: 7, ...annotation }];
  expect(readCoco('instances.json', { ...coco, annotations })).toMatchObject({
    ofRegions: true,
    entries: [{ labels: { labels: ['can'] } }, { labels: { labels: [] } }, { labels: { labels: [] } }],
  });
});

it.each([undefined, {}, [1], 'path,label', { images: [], annotations: [] }])('takes %j for something else', (json) => {
  expect(readCoco('instances.json', json)).toBeUndefined();
});

it('is told by its content, whatever its name, and finds images beside it and in its folder images', async () => {
  const { report, labels, refused, warned } = await importFiles({
    'instances.json': JSON.stringify(coco),
    'notes.json': '{"a": 1}',
    'images/one.jpg': one,
    'images/two.jpg': two,
  });
  expect(report.task).toBe('multi-label');
  expect(labels).toEqual({ 'images/one.jpg': ['bottle', 'can'], 'images/two.jpg': [] });
  expect(refused).toEqual(['gone.jpg MANIFEST_FILE_MISSING', 'notes.json IMAGE_FORMAT_UNSUPPORTED']);
  expect(warned).toContain('LABELS_FROM_REGIONS');
});

it('takes an id as a number in one list and as a text in another', () => {
  const images = [{ id: '1', file_name: 'one.jpg' }];
  const annotations = [
    { image_id: 1, category_id: '7' },
    { image_id: '1', category_id: 4 },
  ];
  expect(readCoco('instances.json', { ...coco, images, annotations })).toMatchObject({
    entries: [{ path: 'one.jpg', labels: { labels: ['bottle', 'can'] } }],
    unused: 0,
  });
});

it('warns of annotations of images that the file does not list', async () => {
  const annotations = [...coco.annotations, { image_id: 98, category_id: 4 }, { image_id: 99, category_id: 4 }];
  const { report } = await importFiles({
    'a.json': JSON.stringify({ ...coco, annotations }),
    'one.jpg': one,
    'images/two.jpg': two,
  });
  expect(report.warnings).toContainEqual({
    code: 'MANIFEST_ANNOTATIONS_UNUSED',
    message: 'a.json has 2 annotations of images that it does not list.',
  });
});

it('refuses an image with a category that the file does not list', async () => {
  const annotations = [...coco.annotations, { id: 4, image_id: 2, category_id: 99 }];
  const { refused } = await importFiles({
    'a.json': JSON.stringify({ ...coco, annotations }),
    'one.jpg': one,
    'images/two.jpg': two,
  });
  expect(refused).toContain('images/two.jpg MANIFEST_LABEL_UNKNOWN');
});

it.each([
  {
    layout: 'of COCO itself',
    file: (part: string) => `annotations/instances_${part}2017.json`,
    folder: (part: string) => `${part}2017`,
  },
  { layout: 'of Roboflow', file: (part: string) => `${part}/_annotations.coco.json`, folder: (part: string) => part },
])('reads a file for each part in the layout $layout', async ({ file, folder }) => {
  const of = (name: string) => JSON.stringify({ ...coco, images: [{ id: 1, file_name: name }] });
  const { labels, splits, refused } = await importFiles({
    [file('train')]: of('one.jpg'),
    [file('val')]: of('two.jpg'),
    [`${folder('train')}/one.jpg`]: one,
    [`${folder('val')}/two.jpg`]: two,
  });
  expect(refused).toEqual([]);
  expect(Object.values(labels)).toEqual([
    ['bottle', 'can'],
    ['bottle', 'can'],
  ]);
  expect(splits).toEqual({ [`${folder('train')}/one.jpg`]: 'train', [`${folder('val')}/two.jpg`]: 'validation' });
});
