import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { findDuplicates } from '../../../../lib/datasets/duplicates/find-duplicates.ts';
import { randomStream } from '../../../../lib/random.ts';

describe('findDuplicates', () => {
  it('names the same file and the same picture apart, inside a class and across classes', () => {
    const rows = [
      row('a/1', 'a', 1, hash(1)),
      row('a/2', 'a', 1, hash(1)),
      row('a/3', 'a', 2, hash(2)),
      row('b/4', 'b', 2, hash(2)),
      row('a/5', 'a', 3, hash(3)),
      row('a/6', 'a', 4, hash(3, 20)),
      row('a/7', 'a', 5, hash(4)),
      row('b/8', 'b', 6, hash(4, 9)),
      row('a/9', 'a', 7),
    ];
    expect(findDuplicates(rows)).toEqual([
      { paths: ['a/1', 'a/2'], kind: 'same-class' },
      { paths: ['a/3', 'b/4'], kind: 'across-classes' },
      { paths: ['a/5', 'a/6'], kind: 'near-same-class' },
      { paths: ['a/7', 'b/8'], kind: 'near-across-classes' },
    ]);
  });

  it('finds every picture that differs from another in up to 15 of the 256 bits, and none that differs in 25', () => {
    const rows = Array.from({ length: 200 }, (_, look) => [
      row(`a/${look}`, 'a', 2 * look, hash(look)),
      row(`b/${look}`, 'b', 2 * look + 1, hash(look, look % 2 === 0 ? 15 : 25)),
    ]).flat();
    const found = findDuplicates(rows).map(({ paths }) => paths.map((path) => Number(path.slice(2))));
    expect(found.map(([look]) => look).sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i));
    for (const [one, other] of found) expect(one).toBe(other);
  });

  it('takes a long series of the same picture in its stride', () => {
    const rows = Array.from({ length: 3000 }, (_, image) => row(`a/${image}`, 'a', image, hash(1, image % 10)));
    expect(findDuplicates(rows).map(({ paths }) => paths.length)).toEqual([3000]);
  });
});

function row(path: string, label: string, content: number, looks?: string): ManifestRow {
  const sha256 = content.toString(16).padStart(64, '0');
  return { path, sha256, labels: [label], width: 8, height: 8, ...(looks !== undefined && { hash: looks }) };
}

/** The hash of a picture, with this many bits turned. */
function hash(look: number, turned = 0): string {
  const random = randomStream(look, 'look');
  const bytes = Uint8Array.from({ length: 32 }, () => random.integer(256));
  for (const bit of random.shuffle([...Array(256).keys()]).slice(0, turned)) bytes[bit >> 3]! ^= 1 << (bit & 7);
  return Buffer.from(bytes).toString('hex');
}
