import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assignWeights } from '../../../lib/backbones/weights/assign-weights.ts';
import { readWeights } from '../../../lib/backbones/weights/read-weights.ts';
import {
  buildWeightGolden,
  outputDifferences,
  readBadFiles,
  readWeightGoldens,
  tensorDifferences,
} from '../goldens/weight-goldens.ts';
import { useTensorFlow } from '../tensorflow.ts';

/** What our words must say for each of the reasons in bad.json. */
const REASONS: readonly { readonly reason: RegExp; readonly error: object }[] = [
  { reason: /ends before the data/, error: { code: 'WEIGHTS_UNREADABLE', received: expect.stringContaining('truncated file') } },
  { reason: /no HDF5 signature/, error: { code: 'WEIGHTS_FORMAT_UNKNOWN' } },
  { reason: /filter 32000/, error: { code: 'WEIGHTS_UNREADABLE', received: 'filter 32000 (lzf)' } },
  { reason: /its group is missing/, error: { code: 'WEIGHTS_INCOMPLETE', at: '/head' } },
  { reason: /without Keras attributes/, error: { code: 'WEIGHTS_NOT_KERAS' } },
];

/** Reads every weight file of a folder, and holds it to what Keras reads and computes, or to the reason to refuse it. */
export function testWeightFiles(folder: string): void {
  useTensorFlow();

  const goldens = readWeightGoldens(folder);
  if (goldens.length === 0) it.skip(`no weight files in ${folder}`, () => {});

  describe.each(goldens)('$file', (golden) => {
    it(`gives the tensors that Keras has in it (${golden.layout}), and a model the outputs that Keras gives it`, async () => {
      const file = await readWeights(join(folder, golden.file));
      expect(tensorDifferences(file, golden)).toEqual([]);
      const { model, preprocessing } = buildWeightGolden(folder, golden);
      try {
        expect(assignWeights(model, file).ignored).toEqual([]);
        expect(outputDifferences(model, preprocessing, golden)).toEqual([]);
      } finally {
        model.dispose();
      }
    });
  });

  it.each(readBadFiles(folder))('refuses $file: $reason', async ({ file, reason }) => {
    const { error } = REASONS.find((candidate) => candidate.reason.test(reason)) ?? { error: { name: 'DataError' } };
    await expect(readWeights(join(folder, file))).rejects.toMatchObject(error);
  });
}
