import { expect, test } from 'vitest';
import { BENCHES } from '../bench/benches.ts';
import { codesIn, readPage, sectionOf } from '../support/docs/pages.ts';

test('docs/performance.md describes every benchmark, and no other', () => {
  const { rows } = sectionOf(readPage('docs/performance.md'), 'The benchmarks');
  const described = rows.map(({ cells }) => codesIn(cells.bench ?? '')[0]);
  expect(described.sort()).toEqual(BENCHES.map(({ name }) => name).sort());
});
