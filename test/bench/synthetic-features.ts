import { createHash } from 'node:crypto';
import { product } from '../../lib/arithmetic.ts';
import { JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { tabulateRows } from '../../lib/datasets/tables/row-table.ts';
import { writeReport, writeSuspects } from '../../lib/datasets/versions/report-store.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { SHARD_IMAGES, writeShard } from '../../lib/features/feature-shard.ts';
import { openTrunk } from '../../lib/features/open-trunk.ts';
import { shardKey } from '../../lib/features/stored-shards.ts';
import { trunkKeys } from '../../lib/features/trunk-keys.ts';
import { processorKind } from '../../lib/onnx/processor-kind.ts';
import type { World } from '../../lib/ports.ts';
import { randomStream } from '../../lib/random.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import { datasetReport } from '../support/datasets/dataset-report.ts';
import { enterRows } from '../support/datasets/put-dataset.ts';

const CLASSES = 10;
/** Noise that the rows take turns with, because fresh noise would take longer than the training. */
const NOISE = 2 ** 20;

/** A head on the features of every stage, in closed form. Nothing about it needs the images. */
export const scaleJob: JobSpecInput = {
  name: 'many',
  dataset: 'many',
  strategy: 'stage-features',
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
};

/**
 * Writes a data set whose images do not exist and whose labels were checked, with a shard of features for each 256 of them, as a spread extraction
 * leaves them: sorted by hash.
 * @returns the number of columns
 */
export async function writeFeatures(count: number, world: World): Promise<number> {
  await startTensorFlow();
  const { store } = world;
  const digest = await enterRows('many', await tabulateRows(rowsOf(count)), world);
  await writeReport({ ...datasetReport(count, CLASSES), dataset: 'many', digest }, store);
  // The first training on a data set looks for images with a wrong label, which takes longer than the head.
  await writeSuspects({ name: 'many', digest }, { checked: count, found: 0, suspects: [] }, store);
  const { backbone } = await resolveSpec(JobSpec.parse(scaleJob), store);
  const { key, featureShape: shape } = await openTrunk(backbone, { cut: 'stages', pooling: undefined }, store);
  const width = product(shape);
  const random = randomStream(0, 'features');
  const noise = Float32Array.from({ length: NOISE }, () => random.next() + random.next());
  const sorted = Array.from({ length: count }, (_, image) => ({ image, sha256: shaOf(image) })).sort((a, b) =>
    a.sha256 < b.sha256 ? -1 : 1,
  );
  for (let start = 0; start < count; start += SHARD_IMAGES) {
    const part = sorted.slice(start, start + SHARD_IMAGES);
    const data = new Float32Array(part.length * width);
    for (const [row, { image }] of part.entries()) {
      const from = (image * 7919) % (NOISE - width);
      data.set(noise.subarray(from, from + width), row * width);
      // Every tenth column tells a class apart.
      for (let at = row * width + (image % CLASSES); at < (row + 1) * width; at += CLASSES) data[at] = (data[at] ?? 0) + 0.2;
    }
    const images = part.map(({ sha256 }) => sha256);
    const processor = processorKind();
    const shard = writeShard({ shape, images, processor, data });
    await store.put(shardKey(`${trunkKeys(key).features}/`, processor, images), shard);
  }
  return width;
}

function shaOf(image: number): string {
  return createHash('sha256').update(`${image}`).digest('hex');
}

async function* rowsOf(count: number) {
  for (let image = 0; image < count; image++) {
    const path = `images/${`${image}`.padStart(7, '0')}.jpg`;
    yield { path, sha256: shaOf(image), labels: [`class-${image % CLASSES}`], width: 64, height: 64 };
  }
}
