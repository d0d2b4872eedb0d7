import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { ImportResult } from '../../../../lib/datasets/import-upload.ts';
import { openDataset } from '../../../../lib/datasets/versions/dataset-store.ts';
import { GraftError } from '../../../../lib/errors.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { damaged } from '../../../support/datasets/damage.ts';
import { listedFrom } from '../../../support/datasets/listing.ts';
import { importStored, uploadBytes, uploadSource } from '../../../support/datasets/upload.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const clock = manualClock();
const image = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

const csv = 'path,label\na.png,cat\nb.png,dog\n';
const utf16 = Buffer.from(`\ufeff${csv}`, 'utf16le');

describe('importUpload of a manifest and its images', () => {
  it.each([
    { form: 'CSV', name: 'manifest.csv', text: csv },
    { form: 'CSV with Windows line ends', name: 'manifest.csv', text: csv.replaceAll('\n', '\r\n') },
    { form: 'CSV with line ends of old Macs', name: 'manifest.csv', text: csv.replaceAll('\n', '\r') },
    {
      form: 'CSV with line ends of old Macs, longer than a line may be',
      name: 'manifest.csv',
      text: `${csv}${'\n'.repeat(2 ** 20)}`.replaceAll('\n', '\r'),
    },
    { form: 'CSV with a byte order mark', name: 'manifest.csv', text: `\ufeff${csv}` },
    { form: 'CSV with semicolons', name: 'manifest.csv', text: csv.replaceAll(',', ';') },
    { form: 'CSV with tabs', name: 'manifest.csv', text: csv.replaceAll(',', '\t') },
    { form: 'CSV in quotes', name: 'manifest.csv', text: '"path","label"\n"a.png","cat"\n"b.png","dog"\n' },
    { form: 'CSV without a last line end', name: 'manifest.csv', text: csv.trimEnd() },
    { form: 'CSV with empty lines', name: 'manifest.csv', text: `\n${csv}\n\n` },
    { form: 'CSV of Windows paths', name: 'manifest.csv', text: csv.replaceAll('a.png', '.\\a.png') },
    { form: 'CSV with other columns first', name: 'manifest.csv', text: 'Label ,PATH\ncat,./a.png\ndog,b.png\n' },
    { form: 'CSV in UTF-16', name: 'manifest.csv', text: utf16 },
    { form: 'CSV in UTF-16 without a mark', name: 'manifest.csv', text: utf16.subarray(2) },
    { form: 'CSV in UTF-16 of the other order', name: 'manifest.csv', text: Buffer.from(utf16).swap16() },
    { form: 'TSV', name: 'manifest.tsv', text: csv.replaceAll(',', '\t') },
    { form: 'JSON Lines', name: 'manifest.jsonl', text: '{"path":"a.png","label":"cat"}\n\n{"path":"b.png","label":"dog"}' },
    { form: 'the CSV of Hugging Face', name: 'metadata.csv', text: csv.replace('path', 'file_name') },
    {
      form: 'the JSON Lines of Hugging Face',
      name: 'metadata.jsonl',
      text: '{"file_name":"a.png","label":"cat"}\n{"file_name":"b.png","label":"dog"}',
    },
    { form: 'a name in capitals', name: 'Manifest.CSV', text: csv },
  ])('reads $form', async ({ name, text }) => {
    const { report, labels } = await importFiles({ [name]: text, 'a.png': image, 'b.png': image });
    expect(labels).toEqual({ 'a.png': ['cat'], 'b.png': ['dog'] });
    expect(report.refused).toEqual([]);
    expect(report.warnings.map(({ code }) => code)).not.toContain('MANIFEST_ENCODING_GUESSED');
  });

  it('takes several labels, none, and images in any folder', async () => {
    const text = 'path,labels\nx/a.png,sea|sky\nx/b.png,\n"c, d.png",sky|sea|sky\n';
    const { report, labels } = await importFiles({ 'manifest.csv': text, 'x/a.png': image, 'x/b.png': image, 'c, d.png': image });
    expect(labels).toEqual({ 'x/a.png': ['sea', 'sky'], 'x/b.png': [], 'c, d.png': ['sea', 'sky'] });
    expect(report).toMatchObject({
      task: 'multi-label',
      accepted: 3,
      classes: [
        { label: 'sea', images: 2 },
        { label: 'sky', images: 2 },
      ],
    });
  });

  it('takes labels as a list, and numbers', async () => {
    const text = '{"path":"a.png","labels":["sea","sky"]}\n{"path":"b.png","labels":[7]}';
    expect((await importFiles({ 'manifest.jsonl': text, 'a.png': image, 'b.png': image })).labels).toEqual({
      'a.png': ['sea', 'sky'],
      'b.png': ['7'],
    });
  });

  it.each([
    { line: '{"path":"c.png"}', name: 'label', says: 'has no member for it' },
    { line: '{"path":"c.png","label":null}', name: 'label', says: 'has null' },
    { line: '{"path":"c.png"}', name: 'labels', says: 'has no member for it' },
  ])('leaves an image without $name unlabelled if its line of JSON $says', async ({ line, name }) => {
    const first = name === 'label' ? '{"path":"a.png","label":true}' : '{"path":"a.png","labels":["sea"]}';
    const { labels, report } = await importFiles({ 'manifest.jsonl': `${first}\n${line}`, 'a.png': image, 'c.png': image });
    expect(labels).toEqual({ 'a.png': [name === 'label' ? 'true' : 'sea'] });
    expect(report).toMatchObject({ accepted: 2, unlabelled: 1, refused: [] });
    const reversed = await importFiles({ 'manifest.jsonl': `${line}\n${first}`, 'a.png': image, 'c.png': image });
    expect(reversed.labels).toEqual(labels);
    expect(reversed.report).toMatchObject({ accepted: 2, unlabelled: 1, refused: [] });
  });

  it('refuses lines of JSON of which none has labels', async () => {
    const files = { 'manifest.jsonl': '{"path":"a.png"}\n{"path":"c.png"}', 'a.png': image, 'c.png': image };
    await expect(importFiles(files)).rejects.toMatchObject({
      code: 'MANIFEST_COLUMNS',
      fix: expect.stringContaining('"label":"cat"'),
    });
  });

  it.each(['null', '""', '[]', '[""]'])('takes labels %s as none', async (labels) => {
    const text = `{"path":"a.png","labels":["sea"]}\n{"path":"c.png","labels":${labels}}`;
    const { labels: found } = await importFiles({ 'manifest.jsonl': text, 'a.png': image, 'c.png': image });
    expect(found).toEqual({ 'a.png': ['sea'], 'c.png': [] });
  });

  it.each([
    { first: '"label":"cat"', member: '"label":["cat"]', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"label":"cat"', member: '"label":{"name":"dog"}', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"label":"cat"', member: '"labels":["dog"]', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"label":"cat"', member: '"label":"cat","labels":["dog"]', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"labels":["cat"]', member: '"label":"dog"', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"labels":["cat"]', member: '"labels":[{"name":"cat"}]', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"labels":["cat"]', member: '"labels":["dog",["cat"]]', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"labels":["cat"]', member: '"labels":{"cat":1}', code: 'MANIFEST_LABEL_INVALID' },
    { first: '"label":"cat"', member: '"label":"cat","split":["test"]', code: 'MANIFEST_SPLIT_UNKNOWN' },
    { first: '"label":"cat"', member: '"label":"cat","weight":[3]', code: 'MANIFEST_WEIGHT_INVALID' },
    { first: '"label":"cat"', member: '"label":"cat","group":{"id":1}', code: 'MANIFEST_GROUP_INVALID' },
  ])('refuses an image with $member after $first', async ({ first, member, code }) => {
    const text = `{"path":"a.png",${first}}\n{"path":"c.png",${member}}`;
    const { report } = await importFiles({ 'manifest.jsonl': text, 'a.png': image, 'c.png': image });
    expect(report.refused).toMatchObject([{ path: 'c.png', code, message: expect.stringMatching(/^[A-Z].*\.$/s) }]);
    expect(report.accepted).toBe(1);
  });

  it('takes split, group and weight', async () => {
    const text = 'path,label,split,group,weight\na.png,cat,Train,p1,1e6\nb.png,dog,val,,0.000001\nc.png,dog,,p1,\n';
    const { rows, report } = await importFiles({ 'manifest.csv': text, 'a.png': image, 'b.png': image, 'c.png': image });
    expect(rows.map(({ split, group, weight }) => ({ split, group, weight }))).toEqual([
      { split: 'train', group: 'p1', weight: 1_000_000 },
      { split: 'validation', group: undefined, weight: 0.000001 },
      { split: undefined, group: 'p1', weight: undefined },
    ]);
    expect(report.split).toEqual({ train: 1, validation: 1, test: 0 });
  });

  it.each([
    { wrong: 'names a file that is not there', line: 'none.png,cat', path: 'none.png', code: 'MANIFEST_FILE_MISSING' },
    { wrong: 'names itself', line: 'manifest.csv,cat', path: 'manifest.csv', code: 'MANIFEST_FILE_MISSING' },
    { wrong: 'leads out', line: '../c.png,cat', path: '../c.png', code: 'MANIFEST_PATH_INVALID' },
    { wrong: 'is absolute', line: '/data/c.png,cat', path: '/data/c.png', code: 'MANIFEST_PATH_INVALID' },
    { wrong: 'is elsewhere', line: 's3://bucket/c.png,cat', path: 's3://bucket/c.png', code: 'MANIFEST_PATH_REMOTE' },
    { wrong: 'has no path', line: ',cat', path: 'manifest.csv:4', code: 'MANIFEST_ROW_INCOMPLETE' },
    { wrong: 'has an unquoted comma', line: 'c.png,cat,train,,,extra', path: 'c.png', code: 'MANIFEST_ROW_TOO_LONG' },
    { wrong: 'has an unknown split', line: 'c.png,cat,tain', path: 'c.png', code: 'MANIFEST_SPLIT_UNKNOWN' },
    { wrong: 'has a weight that is none', line: 'c.png,cat,train,,much', path: 'c.png', code: 'MANIFEST_WEIGHT_INVALID' },
    { wrong: 'has a weight of 0', line: 'c.png,cat,train,,0', path: 'c.png', code: 'MANIFEST_WEIGHT_INVALID' },
    { wrong: 'has a weight near 0', line: 'c.png,cat,train,,1e-50', path: 'c.png', code: 'MANIFEST_WEIGHT_INVALID' },
    { wrong: 'has a huge weight', line: 'c.png,cat,train,,1e39', path: 'c.png', code: 'MANIFEST_WEIGHT_INVALID' },
    { wrong: 'disagrees with another', line: 'c.png,cat\nc.png,dog', path: 'c.png', code: 'MANIFEST_PATH_DUPLICATE' },
  ])('refuses, by its path, an image whose line $wrong', async ({ line, path, code }) => {
    const text = `path,label,split,group,weight\na.png,cat\nb.png,dog\n${line}\n`;
    const files = { 'manifest.csv': text, 'a.png': image, 'b.png': image, ...(path === 'c.png' && { 'c.png': image }) };
    const { report } = await importFiles(files);
    expect(report.refused).toMatchObject([{ path, code, message: expect.stringMatching(/^[A-Z].*\.$/s) }]);
    expect(report.accepted).toBe(2);
  });

  it('refuses images that it does not name, and files that are no images', async () => {
    const { report } = await importFiles({
      'manifest.csv': csv,
      'a.png': image,
      'b.png': image,
      'c.png': image,
      'README.md': 'Text.',
      'x/labels.csv': csv,
    });
    expect(report.refused.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'README.md IMAGE_FORMAT_UNSUPPORTED',
      'c.png NOT_IN_MANIFEST',
      'x/labels.csv IMAGE_FORMAT_UNSUPPORTED',
    ]);
  });

  it.each([
    {
      name: 'labels that differ by case or spaces',
      text: 'path,label\na.png,cat\nb.png,"Cat "\n',
      code: 'LABELS_SIMILAR',
      says: '"Cat " and "cat"',
    },
    {
      name: 'columns that nothing uses',
      text: 'path,label,colour\na.png,cat,red\nb.png,dog,red\n',
      code: 'MANIFEST_COLUMNS_UNUSED',
      says: 'colour',
    },
    {
      name: 'letters that it had to guess',
      text: Buffer.from('path,label\na.png,caf\xe9\nb.png,dog\n', 'latin1'),
      code: 'MANIFEST_ENCODING_GUESSED',
      says: 'UTF-8',
    },
    {
      name: 'a label that is never trained',
      text: 'path,label,split\na.png,cat,train\nb.png,dog,test\n',
      code: 'LABEL_NOT_IN_TRAIN',
      says: '"dog"',
    },
    {
      name: 'nothing to train on',
      text: 'path,label,split\na.png,cat,val\nb.png,dog,test\n',
      code: 'SPLIT_WITHOUT_TRAIN',
      says: 'no images to train on',
    },
    {
      name: 'nothing to test with',
      text: 'path,label,split\na.png,cat,train\nb.png,dog,val\n',
      code: 'SPLIT_WITHOUT_TEST',
      says: 'no test images',
    },
    {
      name: 'the same image on both sides',
      text: 'path,label,split\na.png,cat,train\nb.png,cat,test\n',
      code: 'SPLIT_LEAKAGE',
      says: 'a.png (train), b.png (test)',
    },
  ])('warns of $name', async ({ text, code, says }) => {
    const { report } = await importFiles({ 'manifest.csv': text, 'a.png': image, 'b.png': image });
    expect(report.warnings).toContainEqual({ code, message: expect.stringContaining(says) });
    expect(report.accepted).toBe(2);
  });

  it.each([
    { name: 'an empty file', files: { 'manifest.csv': '' }, code: 'MANIFEST_EMPTY' },
    { name: 'a first line alone', files: { 'manifest.csv': 'path,label\n' }, code: 'MANIFEST_EMPTY' },
    { name: 'no column of labels', files: { 'metadata.csv': 'file_name,text\na.png,cat\n' }, code: 'MANIFEST_COLUMNS' },
    { name: 'two columns of labels', files: { 'manifest.csv': 'path,label,labels\na.png,cat,cat\n' }, code: 'MANIFEST_COLUMNS' },
    {
      name: 'a column of labels twice',
      files: { 'manifest.csv': 'path,Label,label\na.png,cat,dog\n' },
      code: 'MANIFEST_COLUMNS',
    },
    {
      name: 'a member of labels twice',
      files: { 'manifest.jsonl': '{"path":"a.png","Label":"cat","label":"dog"}' },
      code: 'MANIFEST_COLUMNS',
    },
    {
      name: 'a column of groups twice',
      files: { 'manifest.csv': 'path,label,group,group\na.png,cat,1,2\n' },
      code: 'MANIFEST_COLUMNS',
    },
    { name: 'a quote that never ends', files: { 'manifest.csv': 'path,label\n"a.png,cat\n' }, code: 'MANIFEST_UNREADABLE' },
    {
      name: 'a line that is no JSON',
      files: { 'manifest.jsonl': '{"path":"a.png","label":"cat"}\n{' },
      code: 'MANIFEST_UNREADABLE',
    },
    { name: 'a line that is no object', files: { 'manifest.jsonl': '["a.png"]' }, code: 'MANIFEST_UNREADABLE' },
    {
      name: 'a line of JSON that is too long',
      files: { 'manifest.jsonl': `{"path":"a.png","label":"cat"}\n{"path":"${'b'.repeat(2 ** 20)}"}` },
      code: 'LINE_TOO_LONG',
    },
    {
      name: 'a first line of JSON that is too long',
      files: { 'manifest.jsonl': 'a'.repeat(2 ** 20 + 1) },
      code: 'LINE_TOO_LONG',
    },
    {
      name: 'a line of CSV with more columns than anybody has',
      files: { 'manifest.csv': `path,label\na.png,cat${','.repeat(2 ** 20)}\n` },
      code: 'LINE_TOO_LONG',
    },
    {
      name: 'a row of CSV whose lines are too long together',
      files: { 'manifest.csv': `path,label\na.png,"${'cat\n'.repeat(2 ** 18)}"\n` },
      code: 'MANIFEST_UNREADABLE',
    },
    { name: 'two manifests', files: { 'manifest.csv': csv, 'metadata.jsonl': '{}' }, code: 'MANIFEST_AMBIGUOUS' },
  ])('fails with $code for $name', async ({ files, code }) => {
    await expect(importFiles({ ...files, 'a.png': image })).rejects.toMatchObject({
      code,
      at: expect.any(String),
      fix: expect.any(String),
    });
  });

  it('reads any text or fails with an error of its own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('manifest.csv', 'manifest.tsv', 'manifest.jsonl'),
        fc.string({ unit: 'binary' }),
        async (name, text) => {
          await onlyOurErrors(importFiles({ [name]: text, 'a.png': image }));
        },
      ),
      { numRuns: 15, seed: 1 },
    );
    for (let index = 0; index < 20; index++) {
      const jsonl = '{"path":"a.png","labels":["cat","dog"],"group":"x"}\n{"path":"b.png","labels":"dog|x"}\n';
      await onlyOurErrors(
        importFiles({ 'manifest.csv': damaged(Buffer.from(`${csv}"c ""d"".png",x\n`), 1, index), 'a.png': image }),
      );
      await onlyOurErrors(importFiles({ 'manifest.jsonl': damaged(Buffer.from(jsonl), 2, index), 'a.png': image }));
    }
  });
});

describe('listSource of a manifest', () => {
  it('lists the manifest as one at the root, and the files that it names', async () => {
    const folder = folderOf({ 'of colleagues.csv': 'path,label\nx/a.png,cat\nnone.png,dog\n', 'x/a.png': image, 'b.png': image });
    const { files, refused } = await listedFrom(join(folder, 'of colleagues.csv'));
    expect(files.map(({ path }) => path)).toEqual(['manifest.csv', 'x/a.png']);
    expect(refused).toEqual([]);
  });

  it('gives the same digest as the folder that it is the manifest of', async () => {
    const folder = folderOf({ 'manifest.csv': csv, 'a.png': image, 'b.png': image });
    const digests = await Promise.all(
      [folder, join(folder, 'manifest.csv')].map(async (path) => {
        const store = newStore();
        return (await importInto(store, await uploadSource(store, path))).digest;
      }),
    );
    expect(digests[0]).toBe(digests[1]);
  });

  it('follows no link out of its folder', async () => {
    const folder = folderOf({ 'list.csv': 'path,label\na.png,cat\n' });
    symlinkSync('/etc/passwd', join(folder, 'a.png'));
    expect((await listedFrom(join(folder, 'list.csv'))).refused).toMatchObject([{ path: 'a.png', code: 'LINK_NOT_FOLLOWED' }]);
  });
});

function newStore(): ObjectStore {
  return openFileStore({ directory: temporaryFolder(), clock });
}

function importInto(store: ObjectStore, files: Awaited<ReturnType<typeof uploadBytes>>): Promise<ImportResult> {
  return importStored({ name: 'pictures', maxRefused: 1, files }, { store, clock });
}

async function importFiles(files: Readonly<Record<string, Uint8Array | string>>) {
  const store = newStore();
  const bytes = Object.fromEntries(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  const imported = await importInto(store, await uploadBytes(store, bytes));
  const { rows } = await openDataset('pictures', store);
  return { ...imported, rows, labels: Object.fromEntries(rows.map(({ path, labels }) => [path, labels])) };
}

async function onlyOurErrors(work: Promise<unknown>): Promise<void> {
  await work.catch((error) => {
    expect(error).toBeInstanceOf(GraftError);
    expect(error.code).not.toBe('INTERNAL');
  });
}

function folderOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
