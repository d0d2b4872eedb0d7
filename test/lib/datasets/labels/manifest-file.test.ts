import { expect, onTestFinished, test } from 'vitest';
import { type ManifestLine, openManifestFile } from '../../../../lib/datasets/labels/manifest-file.ts';

const bytesOf = (lines: readonly string[]) => new TextEncoder().encode(lines.join('\n'));

test('a CSV has at most 1,000 columns', async () => {
  const header = ['path', 'label', ...Array.from({ length: 999 }, (_, column) => `c${column}`)].join();
  await expect(openManifestFile('a.csv', bytesOf([header, 'a.jpg,cat']))).rejects.toMatchObject({
    code: 'MANIFEST_UNREADABLE',
    expected: 'at most 1000 columns',
    received: '1001 columns',
  });
});

test('separators after the last name are no columns, as spreadsheets write them', async () => {
  const { columns, lines } = await openManifestFile('a.csv', bytesOf([`path,label${','.repeat(16_382)}`, 'a.jpg,cat,', 'b.jpg']));
  expect(columns).toEqual(['path', 'label']);
  const read: ManifestLine[] = [];
  for await (const line of lines) read.push(line);
  expect(read).toEqual([
    { columns, line: 2, values: { path: 'a.jpg', label: 'cat' }, isTooLong: false },
    { columns, line: 3, values: { path: 'b.jpg' }, isTooLong: false },
  ]);
});

test.each([
  { name: 'a.csv', lines: ['path,label', ...Array.from({ length: 20_000 }, (_, i) => `${i}.jpg,cat`)] },
  { name: 'a.jsonl', lines: Array.from({ length: 20_000 }, (_, i) => `{"path": "${i}.jpg", "label": "cat"}`) },
])('other work of the process goes on while $name is read', async ({ name, lines }) => {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  onTestFinished(() => clearImmediate(next));
  for await (const _ of (await openManifestFile(name, bytesOf(lines))).lines);
  expect(turns).toBeGreaterThanOrEqual(10);
});
