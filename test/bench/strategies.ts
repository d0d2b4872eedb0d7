import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../../lib/errors.ts';
import type { Table } from './bench.ts';
import { graftCommand } from './graft-command.ts';
import { type Row, StrategyRow, strategyTable, summarize } from './strategy-table.ts';
import { appendRow, readRows } from './table-rows.ts';

/** Folders of GRAFT_DATA, with their options besides the strategy. All other options have Graft's defaults. */
const SETS: Readonly<Record<string, readonly string[]>> = {
  'ants-bees': [],
  'brain-mri': [],
  trash: [],
  'steel-defects': [],
  'sign-digits': [],
  cifar10: ['--input-size', '128'],
  'scenes-multilabel': [],
};
/** The strategies of the command, and `--fast`. */
const STRATEGIES = ['auto', 'fast', 'feature-extraction', 'stage-features', 'earlier-features', 'fine-tune-top', 'fine-tune-all'];

/** Measures the accuracy of each strategy, and how near `auto` comes to the best. */
export const strategies: Table = {
  name: 'strategies',
  about:
    'test accuracy of auto and of each strategy on the seven sets in GRAFT_DATA; goes on where it was interrupted [--sets ' +
    'A,B] [--seeds 0,1,2] [--strategies A,B] [--folder PATH] [--again]',
  async run(args) {
    const asked = parseOptions(args);
    const file = join(asked.folder, 'results.jsonl');
    await mkdir(asked.folder, { recursive: true });
    const known = new Set((await readRows(file, StrategyRow)).map(keyOf));
    for (const set of asked.sets) {
      const jobs = asked.seeds.flatMap((seed) => asked.strategies.map((strategy) => ({ set, seed, strategy })));
      const missing = jobs.filter((job) => asked.again || !known.has(keyOf(job)));
      if (missing.length > 0) await measure(set, missing, { ...asked, file });
    }
    const rows = latest(await readRows(file, StrategyRow));
    return { markdown: strategyTable(rows, { sets: Object.keys(SETS), strategies: STRATEGIES }), json: summarize(rows) };
  },
};

interface Asked {
  /** Value of GRAFT_DATA. */
  readonly data: string;
  /** Folder of the results and of the jobs' data, so that jobs share features. */
  readonly folder: string;
  readonly sets: readonly string[];
  readonly seeds: readonly number[];
  readonly strategies: readonly string[];
  /** Whether to repeat earlier measurements; the last result counts. */
  readonly again: boolean;
}

function parseOptions(args: readonly string[]): Asked {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { sets: text, seeds: text, strategies: text, folder: text, again: { type: 'boolean', default: false } },
  });
  const { GRAFT_DATA: data } = process.env;
  if (data === undefined) {
    throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected: `a folder with ${Object.keys(SETS).join(', ')}` });
  }
  return {
    data,
    folder: resolve(values.folder ?? '.graft/strategies'),
    sets: chosen('--sets', values.sets, Object.keys(SETS)),
    seeds: (values.seeds ?? '0,1,2').split(',').map(Number),
    strategies: chosen('--strategies', values.strategies, STRATEGIES),
    again: values.again,
  };
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
  strategy: z.looseObject({ name: z.string(), cut: z.string() }),
  seconds: z.looseObject({ total: z.number() }),
  metrics: z.looseObject({ test: StrategyRow.shape.test }),
});

/** Trains the jobs one by one. A failed job is reported, and retried in the next run. */
async function measure(set: string, jobs: readonly Job[], { data, folder, file }: Asked & { file: string }): Promise<void> {
  const directory = join(folder, 'data');
  const { digest } = await graftCommand(Uploaded, ['upload', join(data, set), '--name', set], directory);
  for (const { seed, strategy } of jobs) {
    const how = strategy === 'fast' ? ['--fast'] : ['--strategy', strategy];
    const flags = ['--dataset', `${set}@${digest}`, ...how, '--seed', `${seed}`, ...(SETS[set] ?? [])];
    try {
      const { strategy: used, seconds, metrics } = await graftCommand(Trained, ['train', ...flags, '--wait'], directory);
      const row: Row = { set, seed, strategy, used: used.name, cut: used.cut, seconds: seconds.total, test: metrics.test };
      await appendRow(file, row);
      console.error(`${set} ${strategy} ${seed}: ${JSON.stringify(metrics.test)}, ${used.name}, ${Math.round(seconds.total)} s`);
    } catch (error) {
      console.error(String(error));
    }
  }
}

type Job = Pick<Row, 'set' | 'seed' | 'strategy'>;

function keyOf({ set, seed, strategy }: Job): string {
  return `${set}/${seed}/${strategy}`;
}

function latest(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
