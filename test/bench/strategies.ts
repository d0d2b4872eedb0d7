import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../../lib/errors.ts';
import type { Table } from './bench.ts';
import { graftCommand } from './graft-command.ts';
import { measuredSets } from './measured-sets.ts';
import { type Row, StrategyRow, strategyTable, summarize } from './strategy-table.ts';
import { appendRow, readRows } from './table-rows.ts';

/** What a table compares: one column for each value of an option. */
interface Columns {
  readonly name: string;
  readonly about: string;
  /** The values of the option. */
  readonly values: readonly string[];
  /** What `auto` chooses, in one word. */
  readonly noun: string;
  /** The values that `auto` is compared with. */
  readonly named: readonly string[];
  /** Number of splits of a value on every set, where it differs from that of the set. */
  readonly splits?: Readonly<Record<string, number>>;
  /** The flags of `graft train` for a value. */
  readonly flagsOf: (value: string) => readonly string[];
  /** Weights that the jobs need, besides the bundled ones. */
  readonly weights?: readonly string[];
}

const STRATEGIES = ['feature-extraction', 'stage-features', 'earlier-features', 'fine-tune-top', 'fine-tune-all'];
const LITES = ['efficientnet_lite0', 'efficientnet_lite1', 'efficientnet_lite2'];

/** Measures the accuracy of each strategy, and how near `auto` comes to the best. */
export const strategies = accuracyTable({
  name: 'strategies',
  about: 'test accuracy and time of auto, of its least and its most effort, and of each strategy',
  values: ['auto', 'fast', 'best', ...STRATEGIES],
  noun: 'strategy',
  named: STRATEGIES,
  // A fine-tuning takes minutes, one of all layers much longer.
  splits: { 'fine-tune-top': 3, 'fine-tune-all': 1 },
  flagsOf: (strategy) => (['fast', 'best'].includes(strategy) ? ['--effort', strategy] : ['--strategy', strategy]),
});

/** Measures the accuracy of `--fast` with each backbone, and how near the comparison of backbones comes to the best. */
export const backbones = accuracyTable({
  name: 'backbones',
  about: 'test accuracy and time of --fast with each EfficientNet-Lite, and with the one that the job chooses',
  values: ['auto', ...LITES],
  noun: 'backbone',
  named: LITES,
  flagsOf: (backbone) => ['--fast', '--backbone', backbone],
  weights: ['efficientnet_lite1', 'efficientnet_lite2'],
});

function accuracyTable(columns: Columns): Table {
  const { name, about, weights = [] } = columns;
  return {
    name,
    about:
      `${about}, on the seven sets in GRAFT_DATA, each with its number of splits; goes on where it was interrupted ` +
      `[--sets A,B] [--seeds 0,1,2] [--${name} A,B] [--folder PATH] [--again]`,
    async run(args) {
      const asked = parseOptions(args, columns);
      const file = join(asked.folder, 'results.jsonl');
      await mkdir(asked.folder, { recursive: true });
      for (const backbone of weights) await graftCommand(z.looseObject({}), ['weights', 'pull', backbone], dataOf(asked));
      const known = new Set((await readRows(file, StrategyRow)).map(keyOf));
      for (const set of asked.sets) {
        const missing = jobsOf(set, asked, columns).filter((job) => asked.again || !known.has(keyOf(job)));
        if (missing.length > 0) await measure(set, missing, { ...asked, file }, columns);
      }
      const rows = latest(await readRows(file, StrategyRow));
      const markdown = strategyTable(rows, { ...columns, sets: Object.keys(measuredSets) });
      return { markdown, json: { rows, sets: summarize(rows, columns.named) } };
    },
  };
}

/** The jobs of a set, split by split, so that an interrupted table has all values of its first splits. */
function jobsOf(set: string, { seeds, values }: Asked, { splits }: Columns): Job[] {
  const countOf = (value: string): number => splits?.[value] ?? measuredSets[set]?.splits ?? 0;
  const jobsOfSeed = (seed: number, its: readonly string[]): Job[] => its.map((strategy) => ({ set, seed, strategy }));
  if (seeds !== undefined) return seeds.flatMap((seed) => jobsOfSeed(seed, values));
  return Array.from({ length: Math.max(...values.map(countOf)) }, (_, seed) =>
    jobsOfSeed(
      seed,
      values.filter((value) => seed < countOf(value)),
    ),
  ).flat();
}

interface Asked {
  /** Value of GRAFT_DATA. */
  readonly data: string;
  /** Folder of the results and of the jobs' data, so that jobs share features. */
  readonly folder: string;
  readonly sets: readonly string[];
  /** Undefined: the number of splits of each set and value, from seed 0 on. */
  readonly seeds: readonly number[] | undefined;
  /** Of the compared option. */
  readonly values: readonly string[];
  /** Whether to repeat earlier measurements; the last result counts. */
  readonly again: boolean;
}

function parseOptions(args: readonly string[], { name, values: all }: Columns): Asked {
  const text = { type: 'string' } as const;
  const { values: given } = parseArgs({
    args: [...args],
    options: { sets: text, seeds: text, [name]: text, folder: text, again: { type: 'boolean', default: false } },
  });
  const { GRAFT_DATA: data } = process.env;
  if (data === undefined) {
    throw new UsageError('BENCH_DATA_MISSING', {
      at: 'GRAFT_DATA',
      expected: `a folder with ${Object.keys(measuredSets).join(', ')}`,
    });
  }
  return {
    data,
    folder: resolve(given.folder ?? `.graft/${name}`),
    sets: chosen('--sets', given.sets, Object.keys(measuredSets)),
    seeds: given.seeds?.split(',').map(Number),
    values: chosen(`--${name}`, textOf(given[name]), all),
    again: given.again,
  };
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function chosen(at: string, list: string | undefined, all: readonly string[]): readonly string[] {
  const names = list?.split(',') ?? all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError('USAGE', { at, expected: all.join(', '), received: unknown });
}

const Uploaded = z.looseObject({ digest: z.string() });
const Trained = z.looseObject({
  state: z.literal('SUCCEEDED'),
  backbone: z.string(),
  strategy: z.looseObject({ name: z.string(), cut: z.string() }),
  seconds: z.looseObject({ total: z.number() }),
  metrics: z.looseObject({ test: StrategyRow.shape.test }),
});

/** Trains the jobs one by one. A failed job is reported, and retried in the next run. */
async function measure(set: string, jobs: readonly Job[], asked: Asked & { file: string }, { flagsOf }: Columns): Promise<void> {
  const { data, file } = asked;
  const directory = dataOf(asked);
  const { digest } = await graftCommand(Uploaded, ['upload', join(data, set), '--name', set], directory);
  for (const { seed, strategy } of jobs) {
    const flags = [
      '--dataset',
      `${set}@${digest}`,
      ...flagsOf(strategy),
      '--seed',
      `${seed}`,
      ...(measuredSets[set]?.flags ?? []),
    ];
    try {
      const {
        strategy: used,
        backbone,
        seconds,
        metrics,
      } = await graftCommand(Trained, ['train', ...flags, '--wait'], directory);
      const row: Row = {
        set,
        seed,
        strategy,
        backbone,
        used: used.name,
        cut: used.cut,
        seconds: seconds.total,
        test: metrics.test,
      };
      await appendRow(file, row);
      console.error(
        `${set} ${strategy} ${seed}: ${JSON.stringify(metrics.test)}, ${used.name} of ${backbone}, ${Math.round(seconds.total)} s`,
      );
    } catch (error) {
      console.error(String(error));
    }
  }
}

/** The data folder of the jobs. */
function dataOf({ folder }: Pick<Asked, 'folder'>): string {
  return join(folder, 'data');
}

type Job = Pick<Row, 'set' | 'seed' | 'strategy'>;

function keyOf({ set, seed, strategy }: Job): string {
  return `${set}/${seed}/${strategy}`;
}

function latest(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
