import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { z } from 'zod';

/** A comparison of Graft with a peer: both do the same work, in one run, on one machine. */
export interface Bench {
  readonly name: string;
  /** One line that describes the work and the peer. */
  readonly about: string;
  run(): Promise<Measured>;
}

export interface Measured {
  /** The peer's time divided by Graft's: larger is better. */
  readonly ratio: number;
  /** Further ratios, by the name of what they compare with. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Measurements of each side, with the unit in the name. */
  readonly sides: Readonly<Record<string, Readonly<Record<string, number>>>>;
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

/** Describes the machine that a measurement was made on. */
export function machine(): Record<string, string | number> {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** Returns the median of the values. */
export function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = (ordered.length - 1) / 2;
  return ((ordered[Math.floor(middle)] ?? Number.NaN) + (ordered[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Returns the smallest value that at least this share of the values, 0..1, does not exceed; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}

/**
 * Measures the CPU milliseconds of `work`: steadier than the clock on a shared machine, but fair only to
 * single-threaded work.
 */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
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
