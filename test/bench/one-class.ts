import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mean } from '../../lib/arithmetic.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { assignFolds } from '../../lib/datasets/splits/assign-folds.ts';
import { type Dataset, openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { UsageError } from '../../lib/errors.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { extractFeatures } from '../../lib/features/extract-features.ts';
import type { FeatureSet } from '../../lib/features/feature-set.ts';
import { openTrunk } from '../../lib/features/open-trunk.ts';
import type { Trunk } from '../../lib/features/trunk.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import type { World } from '../../lib/ports.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import { detectorMetrics } from '../../lib/training/evaluate-detector.ts';
import { detectorScores, fitDetector, type PatchMaps } from '../../lib/training/novelty/fit-detector.ts';
import type { Table } from './bench.ts';

/** Each set with the classes that are good in turn; default: all. */
const SETS: readonly { readonly set: string; readonly good?: readonly string[] }[] = [
  { set: 'steel-defects' },
  { set: 'brain-mri', good: ['no-tumor'] },
];
const SPLITS = 5;
const FOLDS = 5;
const RATE = 0.05;

/** Measures one-class models: the share of good test images that are refused, and the AUROC against all other images. */
export const oneClass: Table = {
  name: 'one-class',
  about:
    `share of good test images that a one-class model refuses at a rate of ${100 * RATE}%, and its AUROC against the images ` +
    `of the other classes of steel-defects and brain-mri in GRAFT_DATA, over ${SPLITS} splits [--splits N] [--folder PATH]`,
  async run(args) {
    const { data, folder, splits } = parseOptions(args);
    const world = openEmbeddedWorld(join(folder, 'data'), () => {});
    try {
      await startTensorFlow();
      const rows: { set: string; label: string; auroc: number; refused: number; found: number }[] = [];
      for (const { set, good } of SETS) {
        await importSource(join(data, set), world, { name: set });
        const opened = await openSet(set, world);
        for (const label of good ?? opened.dataset.labels) {
          const results: Result[] = [];
          for (let seed = 0; seed < splits; seed++) results.push(await measure(opened, label, seed));
          const of = (pick: (one: Result) => number) => mean(results.map(pick));
          rows.push({
            set,
            label,
            auroc: of((one) => one.auroc),
            refused: of((one) => one.refused),
            found: of((one) => one.found),
          });
          console.error(JSON.stringify(rows.at(-1)));
        }
        await opened.features.close();
      }
      const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
      const lines = rows.map(
        ({ set, label, auroc, refused, found }) =>
          `| ${set} | ${label} | ${auroc.toFixed(3)} | ${percent(refused)} | ${percent(found)} |`,
      );
      const head = [
        '| data set | good class | AUROC | refused good test images | refused images of other classes |',
        '| --- | --- | --- | --- | --- |',
      ];
      return { markdown: [...head, ...lines].join('\n'), json: { splits, rate: RATE, rows } };
    } finally {
      world.close();
    }
  },
};

function parseOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { splits: text, folder: text } });
  const { GRAFT_DATA: data } = process.env;
  if (data === undefined) {
    const expected = `a folder with ${SETS.map(({ set }) => set).join(', ')}`;
    throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected });
  }
  return { data, folder: resolve(values.folder ?? '.graft/one-class'), splits: Number(values.splits ?? SPLITS) };
}

interface OpenSet {
  readonly dataset: Dataset;
  readonly trunk: Trunk;
  readonly features: FeatureSet;
}

interface Result {
  readonly auroc: number;
  readonly refused: number;
  readonly found: number;
}

async function openSet(set: string, world: World): Promise<OpenSet> {
  const spec = await resolveSpec(JobSpec.parse({ name: set, dataset: set }), world.store);
  const dataset = await openDataset(spec.dataset, world.store);
  const trunk = await openTrunk(spec.backbone, { cut: 'patches', pooling: undefined }, world.store);
  const images = dataset.rows.map(({ sha256 }) => sha256);
  const options = { store: world.store, signal: new AbortController().signal, onProgress: () => {} };
  const { features } = await extractFeatures(trunk, images, options);
  return { dataset, trunk, features };
}

/** Fits a detector to four fifths of the good images, and scores the rest and all other images. */
async function measure({ dataset, trunk, features }: OpenSet, label: string, seed: number): Promise<Result> {
  const of = dataset.labels.indexOf(label);
  const isGood = (row: number) => dataset.targets[row]?.includes(of) === true;
  const rows = Array.from({ length: dataset.rows.length }, (_, row) => row);
  const good = rows.filter(isGood);
  const [fold] = assignFolds(dataset, good, FOLDS, seed);
  const pick = (places: readonly number[] = []) => places.flatMap((place) => good[place] ?? []);
  const [learnt, tested] = [pick(fold?.train), pick(fold?.validation)];
  const maps = async (some: readonly number[]): Promise<PatchMaps> => ({
    maps: await features.gather(some),
    count: some.length,
    channels: trunk.featureShape.at(-1) ?? 1,
  });
  const folds = assignFolds(dataset, learnt, FOLDS, seed).map(({ validation }) => validation);
  const detector = await fitDetector(await maps(learnt), { rate: RATE, folds, seed, yieldToEventLoop: async () => {} });
  const others = rows.filter((row) => !isGood(row));
  const own = await detectorScores(await maps(tested), detector);
  const other = await detectorScores(await maps(others), detector);
  const targets = Float32Array.from([...own.map(() => 1), ...other.map(() => 0)]);
  const { auc = Number.NaN } = detectorMetrics(Float32Array.from([...own, ...other]), targets, detector, label);
  const above = (scores: Float32Array) => scores.filter((score) => score > detector.threshold).length / scores.length;
  return { auroc: auc, refused: above(own), found: above(other) };
}
