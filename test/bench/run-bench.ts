import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { UsageError } from '../../lib/errors.ts';
import { type Bench, machine } from './bench.ts';
import { USUAL_PAIRS } from './measure-pairs.ts';

const Numbers = z.record(z.string(), z.number());

/** What `--json` prints. `machine` names the load average of one minute before and after. */
export const BenchResult = z.object({
  name: z.string(),
  ratio: z.number(),
  ratios: Numbers,
  spread: z.record(z.string(), z.object({ lowest: z.number(), highest: z.number() })),
  pairs: z.int(),
  sides: z.record(z.string(), Numbers),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  versions: z.record(z.string(), z.string()),
});
export type BenchResult = z.infer<typeof BenchResult>;

/**
 * Runs a benchmark. Says on standard error if there are fewer pairs than usual.
 * @param args `--pairs N`
 * @throws UsageError USAGE
 */
export async function runBench({ name, run, usualPairs = USUAL_PAIRS }: Bench, args: readonly string[]): Promise<BenchResult> {
  const pairs = pairsOf(args) ?? usualPairs;
  if (pairs < usualPairs) console.error(`${name}: ${pairs} of ${usualPairs} pairs, so the ratios are no more than a trial`);
  const loadBefore = loadavg()[0] ?? Number.NaN;
  const measured = await run({ pairs });
  const load = { loadBefore, loadAfter: loadavg()[0] ?? Number.NaN };
  // A ratio that was not measured is an error, and not null.
  return BenchResult.parse({ name, ...measured, machine: { ...machine(), ...load } });
}

/** The value of --pairs. @throws UsageError USAGE */
function pairsOf(args: readonly string[]): number | undefined {
  const { values } = parseArgs({ args: [...args], options: { pairs: { type: 'string' } } });
  if (values.pairs === undefined) return undefined;
  const pairs = Number(values.pairs);
  if (Number.isInteger(pairs) && pairs > 0) return pairs;
  throw new UsageError('USAGE', { at: '--pairs', expected: 'an integer of at least 1', received: values.pairs });
}
