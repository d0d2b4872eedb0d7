import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, imageNumber, importFiles, importSource } from '../../../support/datasets/import-files.ts';
import { listedFrom } from '../../../support/datasets/listing.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);
const images = { '1a2b3c4d-one.png': one, 'two.png': two };

/** As Label Studio exports a task that was uploaded through its page. */
function task(id: number, image: string, annotations: readonly object[]) {
  return {
    id,
    annotations: annotations.map((made, index) => ({
      id: id * 10 + index,
      completed_by: 1,
      was_cancelled: false,
      ground_truth: false,
      ...made,
    })),
    file_upload: image.split('/').at(-1),
    drafts: [],
    predictions: [],
    data: { image },
    meta: {},
    project: 7,
  };
}

function chosen(...choices: string[]) {
  return { result: [{ id: 'x', type: 'choices', from_name: 'choice', to_name: 'image', origin: 'manual', value: { choices } }] };
}

function boxed(...labels: string[]) {
  const box = { x: 1, y: 2, width: 3, height: 4, rotation: 0 };
  return {
    result: labels.map((label) => ({ type: 'rectanglelabels', from_name: 'label', value: { ...box, rectanglelabels: [label] } })),
  };
}

const first = '/data/upload/7/1a2b3c4d-one.png';
/** The name under which the user still has the file. */
const second = '/data/upload/7/9f8e7d6c-two.png';

describe('JSON of Label Studio', () => {
  it('takes the choice of each task, by the name of the upload or the name before it', async () => {
    const json = JSON.stringify([task(1, first, [chosen('cat')]), task(2, second, [chosen('dog')])]);
    const { labels, refused, report } = await importFiles({ 'project-7-at-2030-01-02.json': json, ...images });
    expect(labels).toEqual({ '1a2b3c4d-one.png': ['cat'], 'two.png': ['dog'] });
    expect(refused).toEqual([]);
    expect(report.task).toBe('single-label');
  });

  it('takes several choices, and none where several may be chosen', async () => {
    const json = JSON.stringify([task(1, first, [chosen('sky', 'sea')]), task(2, second, [{ result: [] }])]);
    expect((await importFiles({ 'a.json': json, ...images })).labels).toEqual({
      '1a2b3c4d-one.png': ['sea', 'sky'],
      'two.png': [],
    });
  });

  it('refuses tasks that nobody has labelled, and those that two label differently', async () => {
    const json = JSON.stringify([
      task(1, first, [chosen('cat'), chosen('dog')]),
      task(2, second, []),
      task(3, '/data/upload/7/00000000-three.png', [chosen('cat'), chosen('cat')]),
    ]);
    const { labels, refused } = await importFiles({ 'a.json': json, ...images, 'three.png': three });
    expect(labels).toEqual({ 'three.png': ['cat'] });
    expect(refused).toEqual(['1a2b3c4d-one.png MANIFEST_PATH_DUPLICATE', 'two.png MANIFEST_LABEL_MISSING']);
  });

  it('lets ground truth decide, and skipped annotations not', async () => {
    const json = JSON.stringify([
      task(1, first, [chosen('cat'), { ...chosen('dog'), ground_truth: true }]),
      task(2, second, [{ ...chosen('cat'), was_cancelled: true }, chosen('dog')]),
    ]);
    expect((await importFiles({ 'a.json': json, ...images })).labels).toEqual({
      '1a2b3c4d-one.png': ['dog'],
      'two.png': ['dog'],
    });
  });

  it('takes the labels of regions where nothing is chosen, and says so', async () => {
    const json = JSON.stringify([task(1, first, [boxed('car', 'bus', 'car')]), task(2, second, [boxed()])]);
    const { labels, warned } = await importFiles({ 'a.json': json, ...images });
    expect(labels).toEqual({ '1a2b3c4d-one.png': ['bus', 'car'], 'two.png': [] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it.each([
    { address: '/data/local-files/?d=photos%20of%20mine/two.png', path: 'photos of mine/two.png' },
    { address: 's3://bucket/a/b/two.png', path: 'b/two.png' },
    { address: 'https://example.com/x/two.png?token=1', path: 'images/two.png' },
    { address: 'https://example.com/x/tw%C3%B6.png', path: 'twö.png' },
    { address: 'C:\\data\\two.png', path: 'data/two.png' },
  ])('finds $address as $path', async ({ address, path }) => {
    const json = JSON.stringify([task(1, first, [chosen('cat')]), task(2, address, [chosen('dog')])]);
    expect((await importFiles({ 'a.json': json, '1a2b3c4d-one.png': one, [path]: two })).labels[path]).toEqual(['dog']);
  });

  it.each([
    { wrong: 'nothing is annotated', tasks: [task(1, first, [])], received: 'no annotation' },
    {
      wrong: 'there are two questions',
      tasks: [
        task(1, first, [
          { result: ['kind', 'colour'].map((from_name) => ({ type: 'choices', from_name, value: { choices: ['x'] } })) },
        ]),
      ],
      received: 'kind, colour',
    },
    {
      wrong: 'it is of texts',
      tasks: [task(1, first, [{ result: [{ type: 'textarea', from_name: 't', value: { text: ['x'] } }] }])],
      received: 'textarea',
    },
  ])('fails where $wrong', async ({ tasks, received }) => {
    await expect(importFiles({ 'a.json': JSON.stringify(tasks), ...images })).rejects.toMatchObject({
      code: 'EXPORT_INCOMPATIBLE',
      received,
      fix: expect.any(String),
    });
  });
});

describe('tables of Label Studio', () => {
  const minimal = [
    {
      image: first,
      id: 1,
      choice: 'cat',
      annotator: 1,
      annotation_id: 10,
      created_at: '2030',
      updated_at: '2030',
      lead_time: 1.5,
    },
    {
      image: second,
      id: 2,
      choice: { choices: ['dog', 'cat'] },
      annotator: 1,
      annotation_id: 11,
      created_at: '2030',
      lead_time: 2,
    },
  ];
  const csv = `annotation_id,annotator,choice,created_at,id,image,lead_time,updated_at
10,1,cat,2030,1,${first},1.5,2030
11,1,"{""choices"": [""dog"", ""cat""]}",2030,2,${second},2,2030
`;

  it.each([
    { form: 'JSON-MIN', name: 'a.json', text: JSON.stringify(minimal) },
    { form: 'CSV', name: 'project-7.csv', text: csv },
    { form: 'CSV in the place of a manifest', name: 'manifest.csv', text: csv },
    { form: 'TSV', name: 'a.tsv', text: csv.replaceAll(',', '\t').replace('"dog""]', '"dog""]').replaceAll('""\t ""', '"", ""') },
  ])('reads $form', async ({ name, text }) => {
    const { labels, refused } = await importFiles({ [name]: text, ...images });
    expect(refused).toEqual([]);
    expect(labels).toEqual({ '1a2b3c4d-one.png': ['cat'], 'two.png': ['cat', 'dog'] });
  });

  it('takes the labels of regions', async () => {
    const label = JSON.stringify([
      { x: 1, rectanglelabels: ['car'] },
      { x: 2, rectanglelabels: ['bus'] },
    ]).replaceAll('"', '""');
    const text = `annotation_id,annotator,image,label\n1,1,${first},"${label}"\n2,1,${second},\n`;
    const { labels, warned } = await importFiles({ 'a.csv': text, ...images });
    expect(labels).toEqual({ '1a2b3c4d-one.png': ['bus', 'car'], 'two.png': [] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it('fails where it cannot tell which column is the label', async () => {
    const text = `annotation_id,annotator,image,kind,colour\n1,1,${first},cat,red\n`;
    await expect(importFiles({ 'a.csv': text, ...images })).rejects.toMatchObject({
      code: 'EXPORT_INCOMPATIBLE',
      received: 'kind, colour',
    });
  });
});

describe('an export that is uploaded alone', () => {
  const json = JSON.stringify([task(1, first, [chosen('cat')]), task(2, second, [chosen('dog')])]);

  it.each(['export.json', 'annotations/export.json'])(
    '%s brings the images that it names, and is the folder with them',
    async (name) => {
      const folder = folderOf({ [name]: json, ...images });
      const digests = await Promise.all([folder, join(folder, name)].map(importSource));
      expect(digests[0]).toBe(digests[1]);
      writeFileSync(join(folder, 'more.png'), three);
      const { files } = await listedFrom(join(folder, name));
      expect(files.map(({ path }) => path)).toEqual(['1a2b3c4d-one.png', name, 'two.png'].sort());
    },
  );
});
