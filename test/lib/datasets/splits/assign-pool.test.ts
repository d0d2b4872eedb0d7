import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { assignPool } from '../../../../lib/datasets/splits/assign-pool.ts';
import { shaOf } from '../../../support/datasets/put-dataset.ts';

/** Drawn for the test set, and not drawn, as a single content. */
const [TEST, TRAIN] = ['0'.repeat(64), 'f'.repeat(64)];
type Given = Pick<ManifestRow, 'labels' | 'split' | 'unlabelled'> & { readonly sha256: string };

const pool = (sha256: string): Given => ({ sha256, labels: [], unlabelled: true });
const cat = (sha256: string, split?: ManifestRow['split']): Given => ({ sha256, labels: ['cat'], ...(split && { split }) });
const rowOf = (given: Given, number: number): ManifestRow => ({ ...given, path: `${number}.png`, width: 8, height: 8 });

describe('assignPool', () => {
  it.each<[string, readonly Given[], readonly (string | undefined)[]]>([
    ['draws equal contents by their SHA-256', [pool(TEST), pool(TEST)], ['test', 'test']],
    ['keeps a group with a labelled image together, as training images', [cat(TRAIN), pool(TEST)], ['train', 'train']],
    ['gives a group the set of its labelled image', [cat(TRAIN, 'validation'), pool(TEST)], ['validation', 'validation']],
    ['gives a group the set of an image that has one', [{ ...pool(TRAIN), split: 'train' }, pool(TEST)], ['train', 'train']],
    ['leaves labelled images alone', [cat(TRAIN), cat(TEST)], [undefined, undefined]],
  ])('%s', (_, given, expected) => {
    const rows = given.map((row, number) => ({ ...rowOf(row, number), group: 'one' }));
    expect(assignPool(rows).map(({ split }) => split)).toEqual(expected);
  });

  it('draws a group of several contents as one, by the hash of the smallest SHA-256', () => {
    for (const image of Array.from({ length: 20 }, (_, number) => number)) {
      const contents = [shaOf(image), shaOf(image + 1000), shaOf(image)];
      const [smallest = ''] = contents.toSorted();
      const isTest = Number.parseInt(createHash('sha256').update(smallest).digest('hex').slice(0, 8), 16) < 0.2 * 2 ** 32;
      const rows = contents.map((sha256, number) => ({ ...rowOf(pool(sha256), number), group: 'one' }));
      expect(assignPool(rows).map(({ split }) => split)).toEqual(new Array(3).fill(isTest ? 'test' : 'train'));
    }
  });

  it.each([1, 2, 10])('draws a fifth of the groups of %i images', (size) => {
    const rows = Array.from({ length: 300 * size }, (_, number) => ({
      ...rowOf(pool(shaOf(number)), number),
      group: `${Math.floor(number / size)}`,
    }));
    const splits = assignPool(rows).map(({ split }) => split);
    const share = splits.filter((split) => split === 'test').length / rows.length;
    expect(share).toBeGreaterThan(0.13);
    expect(share).toBeLessThan(0.27);
  });

  it('draws nothing for images that are not new', () => {
    const rows = [rowOf(pool(TEST), 0)];
    expect(assignPool(rows, { isNew: false }).map(({ split }) => split)).toEqual(['train']);
  });
});
