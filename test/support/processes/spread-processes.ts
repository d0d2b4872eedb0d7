/** An extraction that processes of this machine share, as the machines of an array job do in AWS. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, watch, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import { writeReport } from '../../../lib/datasets/versions/report-store.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { imagesOfPart } from '../../../lib/features/extraction-part.ts';
import { SHARD_IMAGES } from '../../../lib/features/feature-shard.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { shardKey } from '../../../lib/features/stored-shards.ts';
import { trunkKeys } from '../../../lib/features/trunk-keys.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { storeDirectory } from '../../../lib/local/data-folder.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { objectFile } from '../../../lib/local/file-store.ts';
import { processorKind } from '../../../lib/onnx/processor-kind.ts';
import { randomStream } from '../../../lib/random.ts';
import { listKeys } from '../../../lib/store/list-keys.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { datasetReport } from '../datasets/dataset-report.ts';
import { noisePng } from '../datasets/noise-png.ts';
import { enterRows } from '../datasets/put-dataset.ts';

const entry = fileURLToPath(new URL('../../../functions/train/main.ts', import.meta.url));
const CLASSES = 4;

const spec: JobSpecInput = {
  name: 'tiny',
  dataset: 'tiny',
  strategy: 'feature-extraction',
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
};

/** A job whose first attempt was started, and nothing of it done. */
export interface SpreadJob {
  readonly directory: string;
  readonly id: string;
  /** Key prefix of its features. */
  readonly features: string;
  /** SHA-256 of all images, in order. */
  readonly images: readonly string[];
}

/**
 * Puts images of random pixels into a data folder, the same ones each time, and starts a job on them.
 * @param functions that its estimate plans, if any
 */
export async function startSpreadJob(directory: string, count: number, functions?: number): Promise<SpreadJob> {
  const world = openEmbeddedWorld(directory, () => {});
  try {
    const random = randomStream(count, 'pixels');
    const images = Array.from({ length: count }, (_, image) => {
      const bytes = noisePng(random);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const file = objectFile(storeDirectory(directory), blobKey(sha256));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      const path = `class-${image % CLASSES}/${`${image}`.padStart(7, '0')}.png`;
      return { path, sha256, labels: [`class-${image % CLASSES}`], width: 12, height: 12 };
    }).sort((a, b) => (a.path < b.path ? -1 : 1));
    const digest = await enterRows('tiny', await tabulateRows(iterate(images)), world);
    await writeReport({ ...datasetReport(count, CLASSES), dataset: 'tiny', digest }, world.store);
    const resolved = await resolveSpec(JobSpec.parse(spec), world.store);
    await startTensorFlow();
    const trunk = await openTrunk(resolved.backbone, { cut: 'top', pooling: 'globalAveragePool' }, world.store);
    const estimate: JobEstimate = { target: 'gpu', seconds: 0, parts: [], reason: 'many images' };
    const { id } = await submitJob(resolved, world, {
      estimate: functions === undefined ? undefined : { ...estimate, functions },
    });
    const here = { start: async () => 'here', stop: async () => {}, state: async () => 'alive' as const };
    await dispatchJob(id, here, world);
    const sorted = images.map(({ sha256 }) => sha256).sort();
    return { directory, id, features: `${trunkKeys(trunk.key).features}/`, images: sorted };
  } finally {
    world.close();
  }
}

const PartLine = z.looseObject({ event: z.literal('features.part'), cached: z.int(), decoded: z.int() });
export interface FinishedPart {
  readonly cached: number;
  readonly decoded: number;
}

/**
 * Runs all parts at once, each in a process of its own, and kills some of them with SIGKILL as soon as their first shard
 * is stored. A killed part starts again in another process.
 * @param victims numbers of parts, each of at least two shards
 * @returns what the last process of each part did
 */
export async function runParts(job: SpreadJob, count: number, victims: readonly number[]): Promise<FinishedPart[]> {
  const folder = dirname(objectFile(storeDirectory(job.directory), `${job.features}0`));
  mkdirSync(folder, { recursive: true });
  const running = new Map<number, ChildProcess>();
  const doomed = new Map(victims.map((index) => [firstShard(job, { index, count }), index]));
  const watcher = watch(folder, (_, name) => {
    const index = doomed.get(name ?? '');
    if (index === undefined) return;
    doomed.delete(name ?? '');
    running.get(index)?.kill('SIGKILL');
  });
  try {
    return await Promise.all(Array.from({ length: count }, (_, index) => runPart(job, { index, count }, running)));
  } finally {
    watcher.close();
  }
}

/** Starts a part again for as long as its process is killed. */
async function runPart(
  { directory, id }: SpreadJob,
  { index, count }: { readonly index: number; readonly count: number },
  running: Map<number, ChildProcess>,
): Promise<FinishedPart> {
  for (;;) {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', entry, 'part', id, '1', `${count}`, `${index}`],
      {
        env: { ...process.env, GRAFT_DATA_DIR: directory },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    running.set(index, child);
    const [log, [status, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    if (signal === 'SIGKILL') continue;
    const line = log.split('\n').find((each) => each.includes('"features.part"'));
    if (status !== 0 || line === undefined) throw new Error(`part ${index} ended with status ${status}: ${log}`);
    return PartLine.parse(JSON.parse(line));
  }
}

/** The name of the file of a part's first shard. */
function firstShard(
  { images, features, directory }: SpreadJob,
  part: { readonly index: number; readonly count: number },
): string {
  const first = imagesOfPart(images, part).slice(0, SHARD_IMAGES);
  return basename(objectFile(join(storeDirectory(directory)), shardKey(features, processorKind(), first)));
}

/** The SHA-256 of each shard of features, by key. */
export async function digestFeatures({ directory, features }: SpreadJob): Promise<Record<string, string>> {
  const world = openEmbeddedWorld(directory, () => {});
  try {
    const digests: Record<string, string> = {};
    for await (const { key } of listKeys(world.store, features)) {
      const object = await world.store.get(key);
      digests[key] = createHash('sha256')
        .update(object?.body ?? '')
        .digest('hex');
    }
    return digests;
  } finally {
    world.close();
  }
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
