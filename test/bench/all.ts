import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import { UsageError } from '../../lib/errors.ts';
import type { Bench, Table } from './bench.ts';
import { USUAL_PAIRS } from './measure-pairs.ts';
import { performanceTable, replaceFigures } from './performance-table.ts';
import { BenchResult } from './run-bench.ts';
import { inOwnProcess } from './scratch.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const page = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));

/** Runs all benchmarks and writes their table into docs/performance.md. */
export function all(benches: readonly Bench[]): Table {
  return {
    name: 'all',
    about:
      'every benchmark with a peer, each in its own process; keeps the results, goes on where it was interrupted, and writes the ' +
      'table of docs/performance.md [--only A,B] [--pairs N] [--again] [--folder PATH]',
    async run(args) {
      const { values } = parseArgs({
        args: [...args],
        options: {
          only: { type: 'string' },
          pairs: { type: 'string' },
          folder: { type: 'string' },
          again: { type: 'boolean', default: false },
        },
      });
      const folder = resolve(values.folder ?? '.graft/performance');
      await mkdir(folder, { recursive: true });
      const wanted = chosen(values.only, benches);
      for (const bench of wanted) {
        const pairs = Number(values.pairs ?? bench.usualPairs ?? USUAL_PAIRS);
        const kept = await readResult(folder, bench);
        if (kept !== undefined && kept.pairs >= pairs && !values.again) continue;
        await measure(bench, pairs, folder);
      }
      const kept = await Promise.all(benches.map((bench) => readResult(folder, bench)));
      const results = kept.filter((result) => result !== undefined);
      const markdown = performanceTable(results);
      await writeFile(page, replaceFigures(await readFile(page, 'utf8'), markdown));
      return { markdown, json: results };
    },
  };
}

/** Keeps the result of a benchmark. A failed one is reported, and retried in the next run. */
async function measure({ name }: Bench, pairs: number, folder: string): Promise<void> {
  console.error(`${name}: ${pairs} pairs`);
  try {
    const result = BenchResult.parse(JSON.parse(await inOwnProcess([main, name, '--pairs', String(pairs), '--json'])));
    await writeFile(fileOf(folder, name), `${JSON.stringify(result, null, 2)}\n`);
  } catch (error) {
    console.error(`${name}: ${messageOf(error)}`);
  }
}

async function readResult(folder: string, { name }: Bench): Promise<BenchResult | undefined> {
  try {
    return BenchResult.parse(JSON.parse(await readFile(fileOf(folder, name), 'utf8')));
  } catch {
    return undefined;
  }
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

/** @throws UsageError BENCH_UNKNOWN */
function chosen(only: string | undefined, benches: readonly Bench[]): readonly Bench[] {
  if (only === undefined) return benches;
  return only.split(',').map((name) => {
    const bench = benches.find((each) => each.name === name);
    if (bench !== undefined) return bench;
    throw new UsageError('BENCH_UNKNOWN', { expected: benches.map((each) => each.name).join(', '), received: name });
  });
}
