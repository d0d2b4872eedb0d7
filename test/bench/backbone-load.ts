import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findNative } from '../../lib/tensor/native/find-native.ts';
import { type Bench, installedVersion } from './bench.ts';
import { measurePairs, type Sides } from './measure-pairs.ts';
import { inOwnProcess, inScratch } from './scratch.ts';
import { writeKerasFile } from './write-keras-file.ts';

const child = fileURLToPath(new URL('./measure-backbone-load.ts', import.meta.url));
const NAME = 'vgg16';
/** Limits: seconds beyond reading the file, and MiB beyond three times the weights. */
const ALLOWED = { seconds: 3, mebibytes: 128 };

/** Builds a backbone, loads its HDF5 file and writes it as ONNX, and compares this with the limits. */
export const backboneLoad: Bench = {
  name: 'backbone-load',
  about: `time and peak memory of ${NAME} from its weight file to ONNX, over the process at rest, against what they may be`,
  async run({ pairs }) {
    return inScratch(async (folder) => {
      const file = join(folder, 'weights.h5');
      const allowedMebibytes = (3 * (await writeKerasFile(NAME, file))) / 2 ** 20 + ALLOWED.mebibytes;
      const ways = ['arrays', 'wasm', ...(findNative() === undefined ? [] : ['native'])];
      const measure = async (): Promise<Sides> => {
        const sides: Record<string, z.infer<typeof Measured>> = {};
        for (const way of ways) {
          const environment = way === 'arrays' ? {} : { GRAFT_TENSORFLOW: way };
          sides[way] = Measured.parse(JSON.parse(await inOwnProcess([child, NAME, file, way], environment)));
        }
        return sides;
      };
      const compared = await measurePairs({
        pairs,
        measure,
        ratios: {
          ratio: (sides) => allowedMebibytes / largest(sides, 'exportedMebibytes'),
          time: (sides) => ALLOWED.seconds / largest(sides, 'exportedSeconds'),
          openedMemory: (sides) => allowedMebibytes / largest(sides, 'openedMebibytes'),
          openedTime: (sides) => ALLOWED.seconds / largest(sides, 'openedSeconds'),
        },
      });
      return {
        ...compared,
        sides: { allowed: { seconds: ALLOWED.seconds, mebibytes: allowedMebibytes }, ...compared.sides },
        versions: { onnxruntime: installedVersion('onnxruntime-node'), h5wasm: installedVersion('h5wasm') },
      };
    });
  },
};

function largest(sides: Sides, measurement: string): number {
  return Math.max(...Object.values(sides).map((side) => side[measurement] ?? Number.NaN));
}

/**
 * Times start after the file is read; memory is relative to that at rest. `opened` includes a session of ONNX Runtime,
 * which rewrites the graph.
 */
const Measured = z.strictObject({
  atRestMebibytes: z.number(),
  readSeconds: z.number(),
  exportedSeconds: z.number(),
  exportedMebibytes: z.number(),
  openedSeconds: z.number(),
  openedMebibytes: z.number(),
});
