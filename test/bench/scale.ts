import { mean, sum } from '../../lib/arithmetic.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { jobWork } from '../../lib/estimates/job-work.ts';
import { instances } from '../../lib/estimates/machine-speeds.ts';
import { planOptions } from '../../lib/estimates/plan-options.ts';
import { prices } from '../../lib/estimates/prices.ts';
import { timeWork } from '../../lib/estimates/time-work.ts';
import { SHARD_IMAGES } from '../../lib/features/feature-shard.ts';
import { datasetReport } from '../support/dataset-report.ts';
import { type ArrayModel, simulateArray } from '../support/simulation/simulate-array.ts';
import type { Table } from './bench.ts';

const IMAGES = 1_000_000;
const MACHINE = 'g6.xlarge';
const MACHINES = [1, 4, 10, 20, 50, 100, 200];
/** S3 serves this many GET requests a second for a prefix before it divides it. */
const S3_GETS = 5500;
/** Measured by `features-scale`: 24 s of CPU for the manifest and its columns, and a second for 16 headers at a time. */
const OPEN_SECONDS = 25;
/** From the queue to the first line: the machine, and the image of the container. */
const START_SECONDS = 240;
/** AWS publishes a frequency of interruption below 5% to above 20% a month; this is far above it. */
const RECLAIMS = 0.02;
const CRASHES = 0.02;
/** Runs of each row, with different faults. */
const SEEDS = 25;

/** The columns of one row: means of all runs, and the most times that any of them computed a shard. */
interface Row {
  readonly machines: number;
  readonly minutes: number;
  readonly dollars: number;
  readonly starts: number;
  readonly again: number;
  readonly most: number;
  readonly bound: string;
}

/** Simulates the extraction of a million images by arrays of machines, at the speeds of the estimates. */
export const scale: Table = {
  name: 'scale',
  about: `a simulated extraction of ${IMAGES} images by arrays of up to ${MACHINES.at(-1)} machines`,
  async run() {
    const imagesPerSecond = rateOf();
    const rows = MACHINES.map((machines) => simulate({ machines, imagesPerSecond }));
    const lines = rows.map(
      ({ machines, minutes, dollars, starts, again, most, bound }) =>
        `| ${machines} | ${minutes.toFixed(0)} | ${dollars.toFixed(2)} | ${starts.toFixed(1)} | ${again.toFixed(1)} | ${most} | ${bound} |`,
    );
    const head = [
      '| machines | minutes | USD, Spot | starts | shards computed again | most times a shard | bound by |',
      '| --- | --- | --- | --- | --- | --- | --- |',
    ];
    return { markdown: [...head, ...lines].join('\n'), json: { name: 'scale', imagesPerSecond, rows } };
  },
};

/** Images a second through the default backbone on one machine, decoding included, as estimates expect it. */
function rateOf(): number {
  const spec = JobSpec.parse({
    name: 'many',
    dataset: 'many',
    strategy: 'feature-extraction',
    backbone: { name: 'efficientnet_lite0', inputSize: 224 },
  });
  const [plan] = planOptions(spec, { trainingImages: IMAGES * 0.7, validationImages: IMAGES * 0.15, runtime: 'gpu' });
  const work = jobWork(spec, datasetReport(IMAGES), plan);
  const { features } = timeWork(work, instances[MACHINE].rates, { epochs: 'expected', cached: false });
  return IMAGES / features;
}

function simulate({ machines, imagesPerSecond }: Pick<ArrayModel, 'machines' | 'imagesPerSecond'>): Row {
  const model: ArrayModel = {
    images: IMAGES,
    machines,
    mostAtOnce: machines,
    imagesPerSecond,
    startSeconds: START_SECONDS,
    openSeconds: OPEN_SECONDS,
    getsPerSecond: S3_GETS,
    reclaimsPerHour: RECLAIMS,
    crashes: CRASHES,
    seed: 0,
  };
  const runs = Array.from({ length: SEEDS }, (_, seed) => simulateArray({ ...model, seed }));
  const requests = IMAGES * prices.s3.get + (IMAGES / SHARD_IMAGES) * prices.s3.put;
  return {
    machines,
    minutes: mean(runs.map(({ seconds }) => seconds)) / 60,
    dollars: (mean(runs.map(({ machineSeconds }) => machineSeconds)) * prices.instances[MACHINE].spot) / 3600 + requests,
    starts: mean(runs.map(({ starts }) => starts)),
    again: mean(runs.map(({ computed }) => sum(Array.from(computed, (times) => times - 1)))),
    most: Math.max(...runs.flatMap(({ computed }) => Math.max(...computed))),
    bound: boundOf(model),
  };
}

function boundOf({ machines, imagesPerSecond, getsPerSecond, startSeconds, openSeconds }: ArrayModel): string {
  if (machines * imagesPerSecond > getsPerSecond) return "S3's requests";
  const computing = IMAGES / (machines * imagesPerSecond);
  return computing > startSeconds + openSeconds ? 'computation' : 'start of machines';
}
