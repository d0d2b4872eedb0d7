import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { z } from 'zod';

/** One comparison of Graft with a peer: both do the same work, in one run, on one machine. */
export interface Bench {
  readonly name: string;
  /** One line: what is done, by whom. */
  readonly about: string;
  run(): Promise<Measured>;
}

export interface Measured {
  /** The peer's time over Graft's: larger is better. */
  readonly ratio: number;
  /** Further ratios, by what they are against. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What was measured on each side, with its unit in the name. */
  readonly sides: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** A table of figures that takes hours: it has options of its own, and goes on where it was interrupted. */
export interface Table {
  readonly name: string;
  readonly about: string;
  /** @param args what the command line says behind the name */
  run(args: readonly string[]): Promise<{ readonly markdown: string; readonly json: unknown }>;
}

/** The machine that a measurement holds for. */
export function machine(): Record<string, string | number> {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** The middle of the values, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = (ordered.length - 1) / 2;
  return ((ordered[Math.floor(middle)] ?? Number.NaN) + (ordered[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** The smallest of the values that at least this share of them, 0..1, does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}

/** Milliseconds of CPU that `work` took: on a shared machine steadier than the clock, but only fair to work on one thread. */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A stage's seconds, named as the sides of a measurement name them. */
export function inSeconds(stages: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(stages).map(([stage, seconds]) => [`${stage}Seconds`, seconds]));
}

/** Of a package that is installed here. */
export function installedVersion(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return z.looseObject({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
