import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { describeLabelling } from '../../../lib/labelling/describe-labelling.ts';
import type { FeatureSpace } from '../../../lib/labelling/feature-space.ts';
import { randomStream } from '../../../lib/random.ts';

const COUNT = 160;
const WIDTH = 3;

const random = randomStream(0, 'space');
const space: FeatureSpace = {
  count: COUNT,
  width: WIDTH,
  vectors: Float32Array.from({ length: COUNT * WIDTH }, () => random.next() - 0.5),
  density: new Float32Array(COUNT).fill(0.5),
};
const shas = Array.from({ length: COUNT }, (_, row) => row.toString(16).padStart(64, '0'));
const rowOf = new Map(shas.map((sha256, row) => [sha256, row]));

it('asks about a fourth of test images and an eighth of random ones, however many are asked at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(1000), async (next, seed) => {
      const rows: ManifestRow[] = shas.map((sha256, row) => {
        const split = row % 4 === 0 ? 'test' : 'train';
        return { path: `${row}.png`, sha256, labels: [], unlabelled: true, width: 8, height: 8, split };
      });
      const asked = { informative: 0, random: 0, test: 0 };
      for (let labelled = 0; labelled < 48; ) {
        const classes = labelled === 0 ? [] : ['even', 'odd'].map((label) => ({ label, images: 1 }));
        const answer = await describeLabelling({ digest: `${seed} ${next} ${labelled}`, rows, space, rowOf }, classes, {
          limit: 0,
          next,
          seed,
        });
        expect(answer.next).toHaveLength(next);
        for (const { row, reason } of answer.next.slice(0, 48 - labelled)) {
          asked[reason]++;
          labelled++;
          const number = rowOf.get(row.sha256)!;
          const { unlabelled: _, ...rest } = row;
          rows[number] = { ...rest, labels: [number % 3 === 0 ? 'even' : 'odd'] };
        }
      }
      expect(asked).toEqual({ informative: 30, random: 6, test: 12 });
    }),
    { numRuns: 24 },
  );
});

it('keeps the fits of the two versions that were used last', async () => {
  const rows: ManifestRow[] = shas.map((sha256, row) => ({
    path: `${row}.png`,
    sha256,
    labels: [],
    unlabelled: true,
    width: 8,
    height: 8,
  }));
  const fitted: string[] = [];
  const ask = (digest: string) => {
    const view = {
      digest,
      space,
      rowOf,
      get rows() {
        fitted.push(digest);
        return rows;
      },
    };
    return describeLabelling(view, [], { limit: 0, next: 1, seed: 0 });
  };
  for (const digest of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(digest);
  expect(fitted).toEqual(['a', 'b', 'c', 'b']);
});
