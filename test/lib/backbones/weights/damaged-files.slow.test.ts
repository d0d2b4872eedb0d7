import { expect, it } from 'vitest';
import { readWeights } from '../../../../lib/backbones/weights/read-weights.ts';
import { DataError } from '../../../../lib/errors.ts';
import { corpusFile, corpusSeeds } from '../../../support/weights/weight-corpus.ts';

const SEED = 1;
const seeds = corpusSeeds();
/** libhdf5 restarts for each file: a few of them here, a long run by test/support/weights/fuzz-weights.ts. */
const rounds = [
  { format: 'HDF5', files: seeds.filter(({ name }) => name.endsWith('.h5')), count: 15 },
  { format: 'zip', files: seeds.filter(({ name }) => /\.(keras|zip)$/.test(name)), count: 40 },
  { format: 'PyTorch', files: seeds.filter(({ name }) => name.endsWith('.pth')), count: 2000 },
  { format: 'safetensors', files: seeds.filter(({ name }) => name.endsWith('.safetensors')), count: 3000 },
];

it.each(rounds)('answers $count damaged $format files with weights or with what is wrong', async ({ files, count }) => {
  for (let index = 0; index < count; index++) {
    const { name, bytes } = corpusFile(files, SEED, index);
    const error: unknown = await readWeights(bytes).catch((reason: unknown) => reason);
    expect(error === undefined || error instanceof DataError || 'layers' in Object(error), `${name}: ${error}`).toBe(true);
  }
});
