import { expect, test } from 'vitest';
import { beginningDigests, lastDescendant, lineageDigest, lineageOf } from '../../../../lib/datasets/versions/lineage.ts';

const version = (digest: string, parent?: string) => ({
  digest,
  createdAt: '2026-01-01T00:00:00.000Z',
  images: 1,
  ...(parent !== undefined && { parent }),
});

test('the lineage has the oldest ancestor first, and ends at one that the record lacks', () => {
  const versions = [version('b', 'a'), version('c', 'b'), version('d', 'c')];
  expect(lineageOf('d', { versions })).toEqual(['b', 'c']);
});

test('no version is its own ancestor, also if a deleted ancestor was imported anew', () => {
  // An earlier release deleted a, whose parent is now the last of its descendants.
  const versions = [version('b', 'a'), version('c', 'b'), version('a', 'c')];
  expect(lineageOf('c', { versions })).toEqual(['a', 'b']);
  expect(lastDescendant('c', { versions })).toBe('b');
});

test('the digest of a lineage says which ancestors it has, in which order, and is among those of its beginnings', () => {
  const lineages = [[], ['a'], ['b'], ['a', 'b'], ['b', 'a'], ['ab']];
  expect(new Set(lineages.map(lineageDigest)).size).toBe(lineages.length);
  expect(beginningDigests(['a', 'b', 'c'])).toEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(lineageDigest));
  expect(lineageDigest([])).toMatch(/^sha256-[0-9a-f]{64}$/);
});
