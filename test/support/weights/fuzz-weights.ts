/**
 * Reads damaged weight files for as many minutes as asked, and says what became of them: weights or one of our errors, never
 * anything else, within the time limit, and with no more memory than three times the file and 64 MB over the process at rest.
 *
 *   node test/support/weights/fuzz-weights.ts MINUTES [SEED]
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWeights } from '../../../lib/backbones/weights/read-weights.ts';
import { GraftError } from '../../../lib/errors.ts';
import { corpusFile, corpusSeeds } from './weight-corpus.ts';

const [minutes = 10, seed = 1] = process.argv.slice(2).map(Number);
const MEGABYTE = 2 ** 20;
const seeds = corpusSeeds();
const atStart = process.memoryUsage.rss();
const outcomes = new Map<string, number>();
const failures: string[] = [];
/** Of the file that is being read, and of all files. */
let highest = 0;
let peak = 0;
let slowest = { milliseconds: 0, name: '' };
let count = 0;

const sampling = setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss());
}, 2);

for (const end = performance.now() + minutes * 60_000; performance.now() < end; count++) {
  const { name, bytes } = corpusFile(seeds, seed, count);
  const atRest = process.memoryUsage.rss();
  highest = atRest;
  const start = performance.now();
  const outcome = await readWeights(bytes).then(
    () => 'read',
    (error: unknown) =>
      error instanceof GraftError ? `${error.code} ${String(error.received).replaceAll(/\d+/g, '#').slice(0, 60)}` : error,
  );
  const milliseconds = performance.now() - start;
  if (milliseconds > slowest.milliseconds) slowest = { milliseconds, name };
  if (typeof outcome !== 'string') fail(name, bytes, String(outcome));
  const taken = highest - atRest;
  peak = Math.max(peak, taken);
  if (taken > 3 * bytes.length + 64 * MEGABYTE) fail(name, bytes, `${Math.round(taken / MEGABYTE)} MB over the process at rest`);
  outcomes.set(String(outcome), (outcomes.get(String(outcome)) ?? 0) + 1);
}
clearInterval(sampling);

for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a)) process.stdout.write(`${times}\t${outcome}\n`);
const inMegabytes = (size: number): string => `${(size / MEGABYTE).toFixed(1)} MB`;
process.stdout.write(
  `${count} files, seed ${seed}: at most ${inMegabytes(peak)} over the process at rest, ` +
    `which ended ${inMegabytes(process.memoryUsage.rss() - atStart)} above its start; ` +
    `slowest ${slowest.milliseconds.toFixed(0)} ms: ${slowest.name}\n${failures.length} failures\n${failures.join('\n')}\n`,
);
process.exitCode = failures.length > 0 ? 1 : 0;

function fail(name: string, bytes: Uint8Array, what: string): void {
  const file = join(mkdtempSync(join(tmpdir(), 'graft-fuzz-')), 'weights');
  writeFileSync(file, bytes);
  failures.push(`${name}: ${what}; kept as ${file}`);
}
