import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { sum } from '../../lib/arithmetic.ts';

const recorder = pathToFileURL(join(import.meta.dirname, 'record-cpu.mjs')).href;
/** A detached worker may outlive the command that started it by some seconds. */
const LONGEST_WAIT_MS = 90_000;
const MS_BETWEEN_LOOKS = 100;

/** What one side took in one pair, and what it measured besides, each with the unit in its name. */
export interface Sample {
  readonly seconds: number;
  /** Of this process and of all Node.js processes that the work started, also of detached ones. */
  readonly cpuSeconds: number;
  readonly [further: string]: number;
}

/**
 * Measures the seconds of `work` and its CPU seconds. Afterwards it waits until the Node.js processes that the work
 * started have exited, so that they do not delay what is measured next.
 * @param work may return measurements of its own, which then count instead
 */
export async function timeWork(work: () => Promise<Partial<Sample> | undefined>): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-bench-cpu-'));
  const { GRAFT_BENCH_CPU: outer, NODE_OPTIONS: options } = process.env;
  Object.assign(process.env, { GRAFT_BENCH_CPU: folder, NODE_OPTIONS: [options, `--import=${recorder}`].join(' ').trim() });
  try {
    const cpu = process.cpuUsage();
    const start = performance.now();
    const own = await work();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    await untilExited(folder);
    return { seconds, cpuSeconds: (user + system) / 1e6 + (await recordedSeconds(folder)), ...own };
  } finally {
    restore('GRAFT_BENCH_CPU', outer);
    restore('NODE_OPTIONS', options);
    await rm(folder, { recursive: true });
  }
}

async function untilExited(folder: string): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (performance.now() < deadline) {
    const files = await readdir(folder);
    const running = files.filter((file) => file.endsWith('.running'));
    if (!running.some((file) => isAlive(Number(file.split('.')[0])))) return;
    await wait(MS_BETWEEN_LOOKS);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function recordedSeconds(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.seconds')).map((file) => join(folder, file));
  return sum(
    await Promise.all(files.filter((file) => existsSync(file)).map(async (file) => Number(await readFile(file, 'utf8')))),
  );
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
