import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { argMax, mean } from '../../lib/arithmetic.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { UsageError } from '../../lib/errors.ts';
import { resolveBackbone } from '../../lib/estimates/resolve-backbone.ts';
import { readStageFeatures } from '../../lib/features/stage-features.ts';
import { chooseNext } from '../../lib/labelling/choose-next.ts';
import { type FeatureSpace, openFeatureSpace } from '../../lib/labelling/feature-space.ts';
import { fitLabelled } from '../../lib/labelling/fit-labelled.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import type { World } from '../../lib/ports.ts';
import { randomStream } from '../../lib/random.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import { blocksOf } from '../../lib/training/closed-form/feature-block.ts';
import { machine, type Table } from './bench.ts';

/** Folders of GRAFT_DATA, the smallest first, with the input size of those that have one. */
const SETS: Readonly<Record<string, number | undefined>> = {
  'brain-mri': undefined,
  'ants-bees': undefined,
  'steel-defects': undefined,
  trash: undefined,
  'sign-digits': undefined,
  cifar10: 128,
};
const TEST_SHARE = 0.2;
/** Labels between two fits. */
const STEP = 5;
/** The share of the accuracy of all labels that is to be reached. */
const GOAL = 0.95;

interface LabelledSet {
  readonly space: FeatureSpace;
  readonly truth: readonly number[];
  readonly classes: number;
}

/** Measures by simulation how many labels the loop needs, compared with images in random order. */
export const labelling: Table = {
  name: 'labelling',
  about:
    'labels that the loop and a random order need for 95% of the test accuracy of all labels, on six sets in GRAFT_DATA ' +
    '[--sets A,B] [--seeds N] [--folder PATH]',
  async run(args) {
    const { data, folder, sets, seeds } = parseOptions(args);
    const world = openEmbeddedWorld(join(folder, 'data'), () => {});
    const rows = [];
    try {
      await startTensorFlow();
      for (const name of sets) {
        const set = await openSet(name, data, world);
        const runs = [];
        for (let seed = 0; seed < seeds; seed++) {
          runs.push(await simulate(set, name, seed));
          console.error(JSON.stringify({ set: name, seed, ...runs.at(-1) }));
        }
        const [random, loop] = [mean(runs.map((run) => run.random)), mean(runs.map((run) => run.loop))];
        rows.push({ set: name, accuracy: mean(runs.map((run) => run.accuracy)), random, loop, share: loop / random });
      }
    } finally {
      world.close();
    }
    const lines = rows.map(
      ({ set, accuracy, random, loop, share }) =>
        `| ${set} | ${(100 * accuracy).toFixed(1)}% | ${random.toFixed(0)} | ${loop.toFixed(0)} | ${share.toFixed(2)} |`,
    );
    const head = ['| data set | accuracy of all labels | random order | loop | share |', '| --- | --- | --- | --- | --- |'];
    return { markdown: [...head, ...lines].join('\n'), json: { seeds, rows, machine: machine() } };
  },
};

async function openSet(name: string, data: string, world: World): Promise<LabelledSet> {
  await importSource(join(data, name), world, { name });
  const { rows, targets, labels } = await openDataset(name, world.store);
  const inputSize = SETS[name];
  const spec = JobSpec.parse({ name, dataset: name, backbone: inputSize === undefined ? {} : { inputSize } });
  const { backbone } = await resolveBackbone(spec, world.store);
  const images = rows.map(({ sha256 }) => sha256);
  const { signal } = new AbortController();
  const { trunk, inputs } = await readStageFeatures(backbone, images, { store: world.store, signal, onProgress: () => {} });
  const blocks = blocksOf(trunk.blocks ?? []);
  const space = await openFeatureSpace(inputs, images.length, { blocks, yieldToEventLoop: async () => {} });
  return { space, truth: targets.map(([label = 0]) => label), classes: labels.length };
}

/** @returns the test accuracy with all labels, and the labels that each order needs for its share of that */
async function simulate(set: LabelledSet, name: string, seed: number) {
  const order = randomStream(seed, 'labelling', name).shuffle(Array.from({ length: set.space.count }, (_, row) => row));
  const tests = order.slice(0, Math.floor(order.length * TEST_SHARE));
  const pool = order.slice(tests.length);
  const accuracy = await testAccuracy(set, pool, tests);
  const count = async (
    choose: (labelled: readonly number[], left: readonly number[]) => readonly number[] | Promise<readonly number[]>,
  ): Promise<number> => {
    const labelled: number[] = [];
    while (labelled.length < pool.length) {
      const known = new Set(labelled);
      const left = pool.filter((row) => !known.has(row));
      labelled.push(...(await choose(labelled, left)));
      if ((await testAccuracy(set, labelled, tests)) >= GOAL * accuracy) break;
    }
    return labelled.length;
  };
  return {
    accuracy,
    random: await count((_, left) => left.slice(0, STEP)),
    loop: await count(async (labelled, candidates) =>
      chooseNext(set.space, (await fitOf(set, labelled))?.fit, { labelled, candidates, count: STEP }),
    ),
  };
}

/** The fit to the images that are labelled so far, with the classes among them; undefined for fewer than two. */
async function fitOf({ space, truth }: LabelledSet, rows: readonly number[]) {
  const known = [...new Set(rows.map((row) => truth[row] ?? 0))];
  const labels = rows.map((row) => known.indexOf(truth[row] ?? 0));
  return known.length < 2 ? undefined : { known, fit: await fitLabelled(space, { rows, labels, classes: known.length }) };
}

async function testAccuracy(set: LabelledSet, rows: readonly number[], tests: readonly number[]): Promise<number> {
  const fitted = await fitOf(set, rows);
  if (fitted === undefined) return 0;
  const { known, fit } = fitted;
  const isRight = (row: number) => known[argMax(fit.probabilities, row * fit.classes, fit.classes)] === set.truth[row];
  return tests.filter(isRight).length / tests.length;
}

function parseOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: { sets: { type: 'string' }, seeds: { type: 'string' }, folder: { type: 'string' } },
  });
  const { GRAFT_DATA: data } = process.env;
  const known = Object.keys(SETS);
  if (data === undefined) {
    throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected: `a folder with ${known.join(', ')}` });
  }
  const sets = values.sets?.split(',') ?? known;
  const unknown = sets.find((set) => !known.includes(set));
  if (unknown !== undefined) throw new UsageError('USAGE', { at: '--sets', expected: known.join(', '), received: unknown });
  return { data, sets, seeds: Number(values.seeds ?? 5), folder: resolve(values.folder ?? '.graft/labelling') };
}
