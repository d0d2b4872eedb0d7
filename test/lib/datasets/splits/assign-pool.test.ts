import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { assignPool } from '../../../../lib/datasets/splits/assign-pool.ts';

/** Drawn for the test set, and not drawn. */
const [TEST, TRAIN] = ['0'.repeat(64), 'f'.repeat(64)];
type Given = Pick<ManifestRow, 'labels' | 'split' | 'unlabelled'> & { readonly sha256: string };

const pool = (sha256: string): Given => ({ sha256, labels: [], unlabelled: true });
const cat = (sha256: string, split?: ManifestRow['split']): Given => ({ sha256, labels: ['cat'], ...(split && { split }) });

describe('assignPool', () => {
  it.each<[string, readonly Given[], readonly (string | undefined)[]]>([
    ['draws a group without a label as one', [pool(TRAIN), pool(TEST)], ['test', 'test']],
    ['keeps a group with a labelled image together, as training images', [cat(TRAIN), pool(TEST)], ['train', 'train']],
    ['gives a group the set of its labelled image', [cat(TRAIN, 'validation'), pool(TEST)], ['validation', 'validation']],
    ['gives a group the set of an image that has one', [{ ...pool(TRAIN), split: 'train' }, pool(TEST)], ['train', 'train']],
    ['leaves labelled images alone', [cat(TRAIN), cat(TEST)], [undefined, undefined]],
  ])('%s', (_, given, expected) => {
    const rows = given.map((row, number) => ({ ...row, path: `${number}.png`, width: 8, height: 8, group: 'one' }));
    expect(assignPool(rows).map(({ split }) => split)).toEqual(expected);
  });

  it('draws nothing for images that are not new', () => {
    const rows = [{ ...pool(TEST), path: '0.png', width: 8, height: 8 }];
    expect(assignPool(rows, { isNew: false }).map(({ split }) => split)).toEqual(['train']);
  });
});
