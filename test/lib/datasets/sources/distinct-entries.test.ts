import { expect, test } from 'vitest';
import { distinctEntries } from '../../../../lib/datasets/sources/distinct-entries.ts';
import type { SourceFile } from '../../../../lib/datasets/sources/hash-file.ts';

const file = (path: string, content: string): SourceFile => ({
  path,
  size: 1,
  sha256: content.repeat(64),
  absolutePath: `/photographs/${path}`,
});

test('equal files come once, and files that share only their path or their content all do', async () => {
  const refused = { path: 'a.txt', code: 'NOT_AN_IMAGE', message: '', fix: '' };
  const distinct = [file('a.jpg', 'a'), file('a.jpg', 'b'), file('b.jpg', 'a'), refused, refused];
  async function* entries() {
    yield* [...distinct, file('a.jpg', 'a'), file('b.jpg', 'a')];
  }
  const found: unknown[] = [];
  for await (const entry of distinctEntries(entries())) found.push(entry);
  expect(found).toEqual(distinct);
});
