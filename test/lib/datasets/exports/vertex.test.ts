import { describe, expect, it } from 'vitest';
import { imageNumber, importFiles } from '../../../support/datasets/import-files.ts';

const [one, two, three] = await Promise.all([imageNumber(1), imageNumber(2), imageNumber(3)]);
const images = { 'daisy/1.png': one, 'rose/1.png': two, '3.png': three };
const [daisy, rose, third] = ['gs://bucket/flowers/daisy/1.png', 'gs://bucket/flowers/rose/1.png', 'gs://bucket/flowers/3.png'];

describe('JSON Lines of Vertex AI', () => {
  const line = (imageGcsUri: string, said: object, use?: string) =>
    JSON.stringify({ imageGcsUri, ...said, ...(use && { dataItemResourceLabels: { 'aiplatform.googleapis.com/ml_use': use } }) });
  const label = (displayName: string) => ({
    displayName,
    annotationResourceLabels: { 'aiplatform.googleapis.com/annotation_set_name': 'a' },
  });

  it.each(['import.jsonl', 'manifest.jsonl'])(
    'takes labels and parts of %s, and finds images by the ends of their addresses',
    async (name) => {
      const { labels, splits, refused } = await importFiles({
        [name]: [
          line(daisy, { classificationAnnotation: label('daisy') }, 'training'),
          line(rose, { classificationAnnotation: label('rose') }, 'test'),
          line(third, { classificationAnnotation: label('daisy') }),
        ].join('\n'),
        ...images,
      });
      expect(refused).toEqual([]);
      expect(labels).toEqual({ '3.png': ['daisy'], 'daisy/1.png': ['daisy'], 'rose/1.png': ['rose'] });
      expect(splits).toEqual({ 'daisy/1.png': 'train', 'rose/1.png': 'test' });
    },
  );

  it('takes several labels', async () => {
    const { labels } = await importFiles({
      'a.jsonl': [
        line(daisy, { classificationAnnotations: [label('white'), label('small')] }),
        line(rose, { classificationAnnotations: [] }),
      ].join('\n'),
      ...images,
    });
    expect(labels).toEqual({ 'daisy/1.png': ['small', 'white'], 'rose/1.png': [] });
  });

  it('takes the labels of boxes, and says so', async () => {
    const boundingBoxAnnotations = [{ displayName: 'petal', xMin: 0.1, yMin: 0.1, xMax: 0.2, yMax: 0.2 }];
    const { labels, warned } = await importFiles({ 'a.jsonl': line(daisy, { boundingBoxAnnotations }), ...images });
    expect(labels).toEqual({ 'daisy/1.png': ['petal'] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it.each([
    {
      wrong: 'masks',
      text: line(daisy, { segmentationAnnotation: { maskGcsUri: 'gs://b/m.png' } }),
      code: 'EXPORT_INCOMPATIBLE',
    },
    {
      wrong: 'an annotation that is none',
      text: line(daisy, { classificationAnnotation: 'daisy' }),
      code: 'MANIFEST_UNREADABLE',
    },
    { wrong: 'a line that is no JSON', text: `${line(daisy, {})}\n{`, code: 'MANIFEST_UNREADABLE' },
  ])('fails with $code for $wrong', async ({ text, code }) => {
    await expect(importFiles({ 'a.jsonl': text, ...images })).rejects.toMatchObject({ code, fix: expect.any(String) });
  });
});

describe('CSV of Vertex AI', () => {
  it.each([
    { form: 'with parts', text: `TRAIN,${daisy},daisy\ntest,${rose},rose\nUNASSIGNED,${third},daisy\n`, name: 'import.csv' },
    {
      form: 'with parts in words of today',
      text: `training,${daisy},daisy\ntest,${rose},rose\n,${third},daisy\n`,
      name: 'import.csv',
    },
    {
      form: 'with parts only on some lines',
      text: `${third},daisy\ntrain,${daisy},daisy\nTEST,${rose},rose\n`,
      name: 'manifest.csv',
    },
  ])('is read $form', async ({ name, text }) => {
    const { labels, splits, refused } = await importFiles({ [name]: text, ...images });
    expect(refused).toEqual([]);
    expect(labels).toEqual({ '3.png': ['daisy'], 'daisy/1.png': ['daisy'], 'rose/1.png': ['rose'] });
    expect(splits).toEqual({ 'daisy/1.png': 'train', 'rose/1.png': 'test' });
  });

  it('takes several labels, and boxes', async () => {
    const several = await importFiles({ 'a.csv': `${daisy},white,small\n${rose},red\n`, ...images });
    expect(several.labels).toEqual({ 'daisy/1.png': ['small', 'white'], 'rose/1.png': ['red'] });
    const boxes = `TRAIN,${daisy},petal,0.1,0.1,,,0.3,0.3,,\nTRAIN,${daisy},leaf,0.5,0.5,,,0.6,0.6,,\nTRAIN,${rose},,,,,,,,,\n`;
    const { labels, warned } = await importFiles({ 'a.csv': boxes, ...images });
    expect(labels).toEqual({ 'daisy/1.png': ['leaf', 'petal'], 'rose/1.png': [] });
    expect(warned).toContain('LABELS_FROM_REGIONS');
  });

  it('refuses what is elsewhere, unlabelled, unknown, or not to be told apart, and says how to fix it', async () => {
    const text = [
      `TRAIN,${daisy},daisy`,
      `TRAIN,gs://bucket/flowers/tulip/9.png,tulip`,
      `TRAIN,gs://bucket/flowers/lily/1.png,lily`,
      `TRAIN,${rose}`,
      `SOMETIMES,${third},daisy`,
    ].join('\n');
    const { report, labels } = await importFiles({ 'a.csv': text, ...images });
    expect(labels).toEqual({ 'daisy/1.png': ['daisy'] });
    expect(report.refused).toMatchObject([
      { path: '3.png', code: 'MANIFEST_SPLIT_UNKNOWN' },
      { path: 'gs://bucket/flowers/lily/1.png', code: 'MANIFEST_FILE_MISSING', message: expect.stringContaining('daisy/1.png') },
      {
        path: 'gs://bucket/flowers/tulip/9.png',
        code: 'MANIFEST_PATH_REMOTE',
        message: expect.stringContaining('gcloud storage cp -r gs://bucket/flowers/tulip/ .'),
      },
      { path: 'rose/1.png', code: 'MANIFEST_LABEL_MISSING' },
    ]);
  });

  it('takes no image for two of the export', async () => {
    const text = `gs://a/x/3.png,daisy\ngs://a/y/3.png,daisy\n`;
    expect((await importFiles({ 'a.csv': `${daisy},rose\n${text}`, ...images })).refused).toContain(
      '3.png MANIFEST_PATH_DUPLICATE',
    );
  });
});
