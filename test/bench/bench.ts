import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { z } from 'zod';
import type { Compared } from './measure-pairs.ts';

/** A comparison of Graft with a peer: both do the same work, in turns, in one run, on one machine. */
export interface Bench {
  readonly name: string;
  /** One line that describes the work and the peer. */
  readonly about: string;
  /** Number of pairs without `--pairs`. Default: USUAL_PAIRS. One for measurements of memory, which hardly vary. */
  readonly usualPairs?: number;
  run(options: { readonly pairs: number }): Promise<Measured>;
}

/** The medians over all pairs, with the versions of what was compared. */
export interface Measured extends Compared {
  readonly versions: Readonly<Record<string, string>>;
}

/** A table that takes hours to fill: it has options of its own, and continues after an interruption. */
export interface Table {
  readonly name: string;
  readonly about: string;
  /**
   * Fills the table.
   * @param args the command-line arguments after its name
   */
  run(args: readonly string[]): Promise<{ readonly markdown: string; readonly json: unknown }>;
}

/** Describes the machine that a measurement was made on, and the variables that select runtimes and sizes. */
export function machine(): Record<string, string | number> {
  const cores = cpus();
  const variables = Object.entries(process.env).filter(([name]) => SETTINGS.test(name));
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    ...Object.fromEntries(variables.map(([name, value = '']) => [name, value])),
  };
}

const SETTINGS = /^GRAFT_(BENCH_.*|TENSORFLOW|ENGINE|DEVICE)$/;

/** The size of a benchmark, which GRAFT_BENCH_IMAGES overrides for a trial. */
export function sizeFromEnvironment(usual: number): number {
  return Number(process.env.GRAFT_BENCH_IMAGES ?? usual);
}

/** Returns the smallest value that at least this share of the values, 0..1, does not exceed; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}

/** Renames the seconds of stages to the names used for the sides of a measurement. */
export function inSeconds(stages: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(stages).map(([stage, seconds]) => [`${stage}Seconds`, seconds]));
}

/** Returns the version of an installed package. */
export function installedVersion(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return z.looseObject({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
