import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { countSeen } from '../../../lib/pipeline/count-seen.ts';
import { shaOf } from '../../support/datasets/put-dataset.ts';

/** An image of a number. @param bits in which its perceptual hash differs from that of other images of the same picture */
function image(number: number, picture = number, bits = 0): ManifestRow {
  const hash = Buffer.from(shaOf(1000 + picture), 'hex');
  for (let bit = 0; bit < bits; bit++) hash[31 - (bit >> 3)] = (hash[31 - (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
  return { path: `${number}.png`, sha256: shaOf(number), labels: ['a'], width: 8, height: 8, hash: hash.toString('hex') };
}

describe('the images of a job that another training has seen', () => {
  const rows = [0, 1, 2, 3].map((number) => image(number));
  const split = { train: [0], validation: [1], test: [2, 3] };

  it.each<[string, readonly ManifestRow[], ReturnType<typeof countSeen>]>([
    ['are none of other images', [image(10), image(11)], { own: 0, test: 0 }],
    ['are those with the same bytes', [image(0), image(1), image(2)], { own: 2, test: 1 }],
    ['are those of the same picture in other bytes', [image(10, 0, 5), image(11, 3, 5)], { own: 1, test: 1 }],
    ['are not those of similar pictures', [image(10, 0, 60), image(11, 3, 60)], { own: 0, test: 0 }],
    ['are counted once, however often they were seen', [image(10, 2), image(11, 2), image(2)], { own: 0, test: 1 }],
    ['are those with the same bytes where the image is too plain to compare', [withoutHash(image(2))], { own: 0, test: 1 }],
  ])('%s', (_, trained, expected) => {
    expect(countSeen(trained, rows, split)).toEqual(expected);
  });

  it('are no test images whose picture the job trains on, because a given split divides them', () => {
    const divided = [image(0), image(1), image(2, 0, 5), { ...image(0), path: '3.png' }];
    expect(countSeen([image(10, 0, 3)], divided, split)).toEqual({ own: 1, test: 0 });
    expect(countSeen([image(0)], divided, split)).toEqual({ own: 1, test: 0 });
  });

  it('are test images that are like one of its own only through what was seen', () => {
    // Each differs from what was seen in 15 bits, and from the other in 30.
    const [one, other] = [image(1, 1, 30), image(2, 1)];
    const seen = image(10, 1, 15);
    expect(countSeen([seen], [image(0), one, other, image(3)], split)).toEqual({ own: 1, test: 1 });
  });
});

function withoutHash({ hash: _, ...row }: ManifestRow): ManifestRow {
  return row;
}
