import { describe, expect, it } from 'vitest';
import { imageNumber, importFiles } from '../../../support/datasets/import-files.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);
const images = { 'images/one & a.png': one, 'images/b/two.png': two };

function xml(...elements: string[]): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><name>t</name><labels><label><name>cat</name><type>tag</type></label></labels></task></meta>
  ${elements.join('\n  ')}
</annotations>
`;
}

function image(name: string, inside: string, more = ''): string {
  return `<image id="0" name="${name}" ${more} width="20" height="24">${inside}</image>`;
}

const tag = (label: string) => `<tag label="${label}" source="manual"><attribute name="sure">yes</attribute></tag>`;
const box = (label: string) =>
  `<box label="${label}" source="manual" occluded="0" xtl="1" ytl="1" xbr="9" ybr="9" z_order="0"></box>`;

describe('CVAT for images', () => {
  it('takes the tags of images', async () => {
    const { labels, report, refused } = await importFiles({
      'annotations.xml': xml(image('one &amp; a.png', tag('cat') + box('whisker')), image('b/two.png', tag('dog'))),
      ...images,
    });
    expect(labels).toEqual({ 'images/b/two.png': ['dog'], 'images/one & a.png': ['cat'] });
    expect(report.task).toBe('single-label');
    expect(refused).toEqual([]);
  });

  it('takes several tags, and the parts that subsets name', async () => {
    const { labels, splits } = await importFiles({
      'annotations.xml': xml(
        image('one &amp; a.png', tag('cat') + tag('black'), 'subset="Train"'),
        image('b/two.png', '', 'subset="Validation"'),
        image('three.png', tag('cat'), 'subset="batch 7"'),
      ),
      ...images,
      'images/three.png': three,
    });
    expect(labels).toEqual({ 'images/b/two.png': [], 'images/one & a.png': ['black', 'cat'], 'images/three.png': ['cat'] });
    expect(splits).toEqual({ 'images/b/two.png': 'validation', 'images/one & a.png': 'train' });
  });

  it('takes the labels of shapes where there are no tags, and says so', async () => {
    const { labels, warned } = await importFiles({
      'annotations.xml': xml(image('one &amp; a.png', box('cat') + box('cat')), image('b/two.png', '')),
      ...images,
    });
    expect(labels).toEqual({ 'images/b/two.png': [], 'images/one & a.png': ['cat'] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it('reads shapes of many points', async () => {
    const points = '10.25,20.75;'.repeat(20_000);
    const shape = `<polygon label="cat" points="${points}"></polygon>`;
    expect((await importFiles({ 'a.xml': xml(image('b/two.png', shape)), ...images })).labels).toEqual({
      'images/b/two.png': ['cat'],
    });
  });

  it('refuses an image without a tag where images have one', async () => {
    const text = xml(image('one &amp; a.png', tag('cat')), image('b/two.png', ''));
    expect((await importFiles({ 'annotations.xml': text, ...images })).refused).toEqual([
      'images/b/two.png MANIFEST_LABEL_MISSING',
    ]);
  });

  it.each([
    { name: 'CVAT for video', text: xml('<track id="0" label="car"><box frame="0"></box></track>'), code: 'EXPORT_INCOMPATIBLE' },
    { name: 'a file that breaks off', text: xml(image('one.png', tag('cat'))).slice(0, -30), code: 'MANIFEST_UNREADABLE' },
    { name: 'an entity of its own', text: xml(image('&me;', '')), code: 'MANIFEST_UNREADABLE' },
  ])('fails with $code for $name', async ({ text, code }) => {
    await expect(importFiles({ 'annotations.xml': text, ...images })).rejects.toMatchObject({ code, at: 'annotations.xml' });
  });

  it.each([
    {
      name: 'a document type with entities',
      text: xml().replace('<annotations>', '<!DOCTYPE a [<!ENTITY b "bbbb">]><annotations>'),
    },
    { name: 'another XML', text: '<annotation><filename>one.png</filename><object><name>cat</name></object></annotation>' },
    { name: 'no XML', text: 'annotations' },
  ])('leaves $name to be refused as a file', async ({ text }) => {
    const { labels, refused } = await importFiles({ 'annotations.xml': text, 'cat/one.png': one });
    expect(labels).toEqual({ 'cat/one.png': ['cat'] });
    expect(refused).toEqual(['annotations.xml IMAGE_FORMAT_UNSUPPORTED']);
  });
});

describe('other forms of CVAT', () => {
  const categories = { label: { labels: [{ name: 'cat', parent: '' }, { name: 'dog' }], attributes: [] } };
  const item = (id: string, annotations: readonly object[], path = `${id}.png`) => ({
    id,
    annotations,
    attr: { frame: 0 },
    image: { path },
  });
  const label = (label_id: number) => ({ id: 0, type: 'label', attributes: {}, group: 0, label_id });

  it('reads Datumaro, a file for each subset', async () => {
    const of = (...items: object[]) => JSON.stringify({ info: {}, categories, items });
    const { labels, splits, refused } = await importFiles({
      'annotations/train.json': of(item('one', [label(0)])),
      'annotations/default.json': of(item('two', [label(1)]), item('x/three', [label(7)], '')),
      'images/train/one.png': one,
      'images/default/two.png': two,
      'images/default/x/three.png': three,
    });
    expect(labels).toEqual({ 'images/default/two.png': ['dog'], 'images/train/one.png': ['cat'] });
    expect(splits).toEqual({ 'images/train/one.png': 'train' });
    expect(refused).toEqual(['images/default/x/three.png MANIFEST_LABEL_UNKNOWN']);
  });

  it('takes the labels of shapes of Datumaro, and says so', async () => {
    const items = [
      item('one', [
        { type: 'bbox', label_id: 1 },
        { type: 'polygon', label_id: 0 },
      ]),
      item('two', []),
    ];
    const text = JSON.stringify({ categories, items });
    const { labels, warned } = await importFiles({ 'annotations/default.json': text, 'images/one.png': one, 'two.png': two });
    expect(labels).toEqual({ 'images/one.png': ['cat', 'dog'], 'two.png': [] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it('reads ImageNet and YOLO of classifications as folders', async () => {
    expect((await importFiles({ 'cat/cat_one.png': one, 'dog/dog_two.png': two })).labels).toEqual({
      'cat/cat_one.png': ['cat'],
      'dog/dog_two.png': ['dog'],
    });
    const { labels, splits, refused } = await importFiles({
      'train/labels.json': '{"one.png": {"labels": ["cat"]}}',
      'train/cat/one.png': one,
      'val/dog/two.png': two,
    });
    expect(labels).toEqual({ 'train/cat/one.png': ['cat'], 'val/dog/two.png': ['dog'] });
    expect(splits).toEqual({ 'train/cat/one.png': 'train', 'val/dog/two.png': 'validation' });
    expect(refused).toEqual(['train/labels.json IMAGE_FORMAT_UNSUPPORTED']);
  });
});
