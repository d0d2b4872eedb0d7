import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mean, product } from '../../lib/arithmetic.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { trainAndValidationRows } from '../../lib/datasets/splits/split-dataset.ts';
import { UsageError } from '../../lib/errors.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { extractFeatures } from '../../lib/features/extract-features.ts';
import { labelled } from '../../lib/features/feature-examples.ts';
import { openTrunk } from '../../lib/features/open-trunk.ts';
import type { Trunk } from '../../lib/features/trunk.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { learnNovelty } from '../../lib/pipeline/learn-novelty.ts';
import { openTraining } from '../../lib/pipeline/open-training.ts';
import type { TrainingContext } from '../../lib/pipeline/training-context.ts';
import type { World } from '../../lib/ports.ts';
import { newId } from '../../lib/store/new-id.ts';
import { gatherColumns, gatherRows, memoryExamples } from '../../lib/training/examples.ts';
import { areasUnderCurve } from '../../lib/training/metrics/area-under-curve.ts';
import { noveltyScores } from '../../lib/training/novelty/novelty-scores.ts';
import type { Table } from './bench.ts';

const SETS = ['ants-bees', 'trash', 'sign-digits', 'steel-defects', 'brain-mri'];
const SPLITS = 20;

/** Measures the novelty score: the share of test images that are refused, and the AUROC against the other sets. */
export const unknown: Table = {
  name: 'unknown',
  about:
    'share of test images that the novelty score refuses at a rate of 5%, and its AUROC against the images of the other ' +
    `sets in GRAFT_DATA, over ${SPLITS} splits [--splits N] [--cut stages|top] [--folder PATH]`,
  async run(args) {
    const { data, folder, splits, cut } = parseOptions(args);
    const world = openEmbeddedWorld(join(folder, 'data'), () => {});
    try {
      const opened: OpenSet[] = [];
      for (const set of SETS) {
        await importSource(join(data, set), world, { name: set });
        opened.push(await openSet(set, cut, world));
      }
      const rows = [];
      for (const own of opened) {
        const others = opened.filter((other) => other !== own).map(({ features }) => features);
        const results = [];
        for (let seed = 0; seed < splits; seed++) {
          results.push(await measure(own, seed, others, world));
          console.error(JSON.stringify({ set: own.set, seed, ...results.at(-1) }));
        }
        const refused = mean(results.map((result) => result.refused));
        rows.push({ set: own.set, refused, auroc: mean(results.map((result) => result.auroc)) });
      }
      const lines = rows.map(({ set, refused, auroc }) => `| ${set} | ${(100 * refused).toFixed(1)}% | ${auroc.toFixed(4)} |`);
      const head = ['| data set | refused test images | AUROC against the others |', '| --- | --- | --- |'];
      return { markdown: [...head, ...lines].join('\n'), json: { cut, splits, rows } };
    } finally {
      world.close();
    }
  },
};

type Cut = 'stages' | 'top';

function parseOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { splits: text, cut: text, folder: text } });
  const { GRAFT_DATA: data } = process.env;
  if (data === undefined)
    throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected: `a folder with ${SETS.join(', ')}` });
  const cut: Cut = values.cut === 'top' ? 'top' : 'stages';
  return { data, folder: resolve(values.folder ?? '.graft/unknown'), splits: Number(values.splits ?? SPLITS), cut };
}

/** A set with the features of all its images, so that the splits share them. */
interface OpenSet {
  readonly set: string;
  readonly trunk: Trunk;
  /** float32 [images, ...featureShape] */
  readonly features: Float32Array;
}

async function openContext(set: string, seed: number, world: World): Promise<TrainingContext> {
  const spec = await resolveSpec(JobSpec.parse({ name: set, dataset: set, training: { seed } }), world.store);
  const at = world.clock.now().toISOString();
  const job = { id: newId('job', world.clock.now()), state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 } as const;
  const { signal } = new AbortController();
  return openTraining(job, world, {
    report: () => {},
    flush: async () => {},
    beginPublishing: async (publication) => publication,
    signal,
  });
}

async function openSet(set: string, cut: Cut, world: World): Promise<OpenSet> {
  const { job, dataset, jobContext } = await openContext(set, 0, world);
  const pooling = cut === 'top' ? 'globalAveragePool' : undefined;
  const trunk = await openTrunk(job.spec.backbone, { cut, pooling }, world.store);
  const images = dataset.rows.map(({ sha256 }) => sha256);
  const options = { store: world.store, signal: jobContext.signal, onProgress: () => {} };
  const { features } = await extractFeatures(trunk, images, options);
  const read = await features.gather([...images.keys()]);
  await features.close();
  return { set, trunk, features: read };
}

async function measure(
  { set, trunk, features }: OpenSet,
  seed: number,
  others: readonly Float32Array[],
  world: World,
): Promise<{ readonly refused: number; readonly auroc: number }> {
  const context = await openContext(set, seed, world);
  const { dataset, split } = context;
  const width = product(trunk.featureShape);
  const part = (rows: readonly number[]) =>
    memoryExamples({
      inputShape: trunk.featureShape,
      ...labelled(dataset, rows),
      inputs: gatherRows(features, width, rows),
    });
  const { train, validation, test } = split;
  const trainAndValidation = part(trainAndValidationRows(split));
  const examples = { train: part(train), validation: part(validation), test: part(test), trainAndValidation };
  const detector = await learnNovelty({ trunk, examples }, context);
  if (detector === undefined || 'omitted' in detector) throw new Error(`${set} has no novelty score`);
  // The score is of the last columns: those of whole stages.
  const size = detector.mean.length;
  const scoresOf = (some: Float32Array): Float64Array =>
    noveltyScores(gatherColumns(some, width, { start: width - size, size }), some.length / width, detector);
  const own = scoresOf(gatherRows(features, width, test));
  const other = others.flatMap((some) => [...scoresOf(some)]);
  const scores = [...own, ...other];
  const [auroc = Number.NaN] = areasUnderCurve({
    task: 'multi-label',
    count: scores.length,
    classes: 1,
    logits: Float32Array.from(scores, Math.log),
    targets: Float32Array.from(scores, (_, row) => (row < own.length ? 0 : 1)),
  });
  return { refused: detector.record.testShare ?? Number.NaN, auroc };
}
