import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { extractFeatures } from '../../lib/features/extract-features.ts';
import { openTrunk } from '../../lib/features/open-trunk.ts';
import { openTrunkSession, trunkBatch } from '../../lib/features/open-trunk-session.ts';
import type { Trunk } from '../../lib/features/trunk.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { openInputCache } from '../../lib/local/input-cache.ts';
import { newInputFolder } from '../../lib/local/input-folder.ts';
import { randomStream } from '../../lib/random.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import { importStored } from '../support/datasets/upload.ts';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { decodeAll, filesOf, fillStore } from './stored-files.ts';

const IMAGES = sizeFromEnvironment(1000);
/** Two megapixels. */
const [WIDTH, HEIGHT] = [1632, 1224];
const SIDE = 224;
const log = () => {};
const storeIn = (directory: string): string => join(directory, 'store');

/** Measures what an import and the features of photographs take beyond decoding each once and running the trunk. */
export const photographs: Bench = {
  name: 'photographs',
  about:
    `import and features (MobileNetV2) of ${IMAGES} photographs of ${WIDTH} x ${HEIGHT} pixels, against sharp decoding each ` +
    'once and the trunk alone; and against an import that keeps no inputs (twice)',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      await drawPhotographs(join(folder, 'photographs'));
      const files = await filesOf(join(folder, 'photographs'));
      await startTensorFlow();
      const trunk = await openTrunk(
        { name: 'mobilenet_v2', alpha: 1, inputSize: [SIDE, SIDE], weights: 'none' },
        { cut: 'top', pooling: 'globalAveragePool' },
        openFileStore({ directory: join(folder, 'weights'), clock: systemClock }),
      );
      const directory = (pair: number, side: string) => join(folder, `${side} ${pair}`);
      const measure = inTurns({
        graft: (pair) => importAndExtract(directory(pair, 'graft'), trunk, files, true),
        twice: (pair) => importAndExtract(directory(pair, 'twice'), trunk, files, false),
        bare: () => decodeAndRun(trunk, files),
      });
      const compared = await measurePairs({
        pairs,
        async measure(pair) {
          for (const side of ['graft', 'twice']) await fillStore(storeIn(directory(pair, side)), files);
          const sides = await measure(pair);
          for (const side of ['graft', 'twice']) await rm(directory(pair, side), { recursive: true });
          return sides;
        },
        ratios: {
          ratio: ratioOf('bare', 'graft'),
          cpu: ratioOf('bare', 'graft', 'cpuSeconds'),
          twice: ratioOf('twice', 'graft'),
          twiceCpu: ratioOf('twice', 'graft', 'cpuSeconds'),
        },
      });
      return {
        ...compared,
        versions: { sharp: sharp.versions.sharp ?? 'unknown', onnxruntime: installedVersion('onnxruntime-node') },
      };
    }),
};

/** Draws soft colours with the noise of a camera, because the time of a decoder depends on the detail. */
async function drawPhotographs(folder: string): Promise<void> {
  const [columns, rows] = [34, 26];
  for (let index = 0; index < IMAGES; index++) {
    const random = randomStream(index, 'photograph');
    const colours = Uint8Array.from({ length: rows * columns * 3 }, () => random.integer(256));
    const noise = { type: 'gaussian', mean: 128, sigma: 12 } as const;
    const grain = await sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: 'black', noise } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const ofClass = join(folder, `class-${index % 2}`);
    await mkdir(ofClass, { recursive: true });
    await sharp(colours, { raw: { width: columns, height: rows, channels: 3 } })
      .resize(WIDTH, HEIGHT, { fit: 'fill', kernel: 'cubic' })
      .composite([{ input: grain, blend: 'soft-light' }])
      .jpeg({ quality: 90 })
      .toFile(join(ofClass, `${index}.jpg`));
  }
}

async function importAndExtract(
  directory: string,
  trunk: Trunk,
  files: readonly SourceFile[],
  keepsInputs: boolean,
): Promise<undefined> {
  const store = openFileStore({ directory: storeIn(directory), clock: systemClock });
  const inputs = keepsInputs ? openInputCache(newInputFolder(directory), log) : undefined;
  const world = { store, clock: systemClock, ...(inputs && { inputCache: inputs }) };
  await importStored({ name: 'photographs', files }, world);
  const { rows } = await openDataset('photographs', store);
  const images = rows.map(({ sha256 }) => sha256);
  const options = { store, inputs, signal: new AbortController().signal, onProgress: () => {} };
  await (await extractFeatures(trunk, images, options)).features.close();
  inputs?.clear();
  store.close();
}

/** Decodes every file, then runs the trunk on as many images. */
async function decodeAndRun({ onnx }: Trunk, files: readonly SourceFile[]): Promise<undefined> {
  await decodeAll(files);
  const session = await openTrunkSession({ onnx });
  const batch = trunkBatch([SIDE, SIDE]);
  const pixels = new Float32Array(batch * SIDE * SIDE * 3).fill(127);
  for (let done = 0; done < files.length; done += batch) await session.run(pixels, [batch, SIDE, SIDE, 3]);
  await session.close();
}
