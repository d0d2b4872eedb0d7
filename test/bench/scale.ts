import { mean, sum } from '../../lib/arithmetic.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { functionDollarsPerSecond } from '../../lib/estimates/function-price.ts';
import { jobWork } from '../../lib/estimates/job-work.ts';
import { instances, lambda, type MachineSpeed } from '../../lib/estimates/machine-speeds.ts';
import { planOptions } from '../../lib/estimates/plan-options.ts';
import { prices } from '../../lib/estimates/prices.ts';
import { timeWork } from '../../lib/estimates/time-work.ts';
import { IMAGES_OF_PART, SHARD_IMAGES } from '../../lib/features/feature-shard.ts';
import { datasetReport } from '../support/datasets/dataset-report.ts';
import { type ArrayModel, simulateArray } from '../support/simulation/simulate-array.ts';
import { type FunctionsModel, simulateFunctions } from '../support/simulation/simulate-functions.ts';
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

/** 47 are what the rule plans: as many as S3 serves. */
const FUNCTIONS = [1, 10, 47, 50, 200, 1000];
/** If S3 has divided the prefix of images in four. */
const DIVIDED_GETS = 4 * S3_GETS;
/** The share of calls whose function dies; AWS publishes none. */
const DEATHS = 0.002;
/** Records, messages and the objects of the tree of completed parts, for each part. */
const PUTS_A_PART = 6;

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

/** A row of functions, without faults; and the means with deaths. */
interface FunctionRow {
  readonly functions: number;
  readonly minutes: number;
  readonly dollars: number;
  readonly dividedMinutes: number;
  readonly dividedDollars: number;
  readonly minutesWithDeaths: number;
  readonly most: number;
  readonly bound: string;
}

/** Simulates the extraction of a million images by arrays of machines and by functions, at the speeds of the estimates. */
export const scale: Table = {
  name: 'scale',
  about: `a simulated extraction of ${IMAGES} images by up to ${MACHINES.at(-1)} machines, and by up to ${FUNCTIONS.at(-1)} functions`,
  async run() {
    const imagesPerSecond = rateOf(instances[MACHINE]);
    const rows = MACHINES.map((machines) => simulate({ machines, imagesPerSecond }));
    const lines = rows.map(
      ({ machines, minutes, dollars, starts, again, most, bound }) =>
        `| ${machines} | ${minutes.toFixed(0)} | ${dollars.toFixed(2)} | ${starts.toFixed(1)} | ${again.toFixed(1)} | ${most} | ${bound} |`,
    );
    const head = [
      '| machines | minutes | USD, Spot | starts | shards computed again | most times a shard | bound by |',
      '| --- | --- | --- | --- | --- | --- | --- |',
    ];
    const ofFunction = rateOf(lambda);
    const functions = FUNCTIONS.map((count) => simulateFunctionsRow(count, ofFunction));
    const functionLines = functions.map(
      (row) =>
        `| ${row.functions} | ${row.minutes.toFixed(1)} | ${row.dollars.toFixed(2)} | ${row.dividedMinutes.toFixed(1)} | ` +
        `${row.dividedDollars.toFixed(2)} | ${row.minutesWithDeaths.toFixed(1)} | ${row.most} | ${row.bound} |`,
    );
    const functionHead = [
      `\n${ofFunction.toFixed(0)} images per second and function:\n`,
      '| functions | minutes | USD | minutes, S3 divided | USD, S3 divided | minutes with deaths | most times a shard | bound by |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ];
    return {
      markdown: [...head, ...lines, ...functionHead, ...functionLines].join('\n'),
      json: { name: 'scale', imagesPerSecond, rows, imagesPerSecondOfFunction: ofFunction, functions },
    };
  },
};

/** Images a second through the default backbone on one machine, decoding included, as estimates expect it. */
function rateOf({ rates }: MachineSpeed): number {
  const spec = JobSpec.parse({
    name: 'many',
    dataset: 'many',
    strategy: 'feature-extraction',
    backbone: { name: 'efficientnet_lite0', inputSize: 224 },
  });
  const [plan] = planOptions(spec, { trainingImages: IMAGES * 0.7, validationImages: IMAGES * 0.15, runtime: 'gpu' });
  const work = jobWork(spec, datasetReport(IMAGES), plan);
  const { features } = timeWork(work, rates, { epochs: 'expected', cached: 'stored' });
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

function simulateFunctionsRow(functions: number, imagesPerSecond: number): FunctionRow {
  const model: FunctionsModel = {
    images: IMAGES,
    imagesOfPart: IMAGES_OF_PART,
    functions,
    imagesPerSecond,
    startSeconds: lambda.rates.start,
    listSeconds: OPEN_SECONDS,
    callSeconds: 2,
    // SQS starts with five calls at once, and adds 300 a minute.
    firstFunctions: 5,
    addedPerSecond: 5,
    getsPerSecond: S3_GETS,
    deaths: 0,
    seed: 0,
  };
  const one = simulateFunctions(model);
  const divided = simulateFunctions({ ...model, getsPerSecond: DIVIDED_GETS });
  const withDeaths = Array.from({ length: SEEDS }, (_, seed) => simulateFunctions({ ...model, deaths: DEATHS, seed }));
  const parts = Math.ceil(IMAGES / IMAGES_OF_PART);
  const requests = IMAGES * prices.s3.get + (IMAGES / SHARD_IMAGES + parts * PUTS_A_PART) * prices.s3.put;
  const dollarsOf = (seconds: number): number => seconds * functionDollarsPerSecond + requests;
  return {
    functions,
    minutes: one.seconds / 60,
    dollars: dollarsOf(one.functionSeconds),
    dividedMinutes: divided.seconds / 60,
    dividedDollars: dollarsOf(divided.functionSeconds),
    minutesWithDeaths: mean(withDeaths.map(({ seconds }) => seconds)) / 60,
    most: Math.max(...withDeaths.flatMap(({ computed }) => Math.max(...computed))),
    bound: boundOfFunctions(model),
  };
}

function boundOfFunctions({ functions, imagesPerSecond, getsPerSecond, imagesOfPart }: FunctionsModel): string {
  if (functions > IMAGES / imagesOfPart) return 'number of parts';
  return functions * imagesPerSecond > getsPerSecond ? "S3's requests" : 'computation';
}
