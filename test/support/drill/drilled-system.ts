/** Graft with trainings in flight, while something goes wrong with it: what drills share. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Client, createClient } from '../../../lib/client/client.ts';
import { httpTransport } from '../../../lib/client/transport.ts';
import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { type RandomStream, randomStream } from '../../../lib/random.ts';
import { graftJson, scratchFolder, startDev, trashPhotographs } from '../graft.ts';
import { killWorker } from '../processes/kill-worker.ts';

export const MODELS = ['one', 'two', 'three'];

/** The training takes some seconds, and writes checkpoints. */
const spec = {
  dataset: 'trash',
  strategy: 'feature-extraction',
  backbone: { inputSize: 64 },
  training: { epochs: 240, batchSize: 4, earlyStopping: null },
} as const;

export interface DrillOptions {
  /** The data folder, as the server sees it. Default: a new one that goes with the test. */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A command that starts the server, whose arguments follow. */
  readonly prefix?: readonly string[];
}

/** A running Graft, on this machine or deployed. */
export interface DrilledSystem {
  readonly client: Client;
  /** The job of each key: `MODEL NUMBER`. */
  readonly accepted: Map<string, string>;
  /** Input size of a model's backbone. Default: that of the spec. */
  readonly inputSizeOf?: (model: string) => number;
  /** Kills the server, or the functions, with SIGKILL, and starts new ones on the same data. */
  restart(): Promise<void>;
  /** Kills the worker of a job with SIGKILL. @returns whether there was one */
  killWorker(job: AnyJob): boolean;
  /** The running workers. */
  workers(): Promise<readonly string[]>;
}

/** `graft dev`. Client and address are those of the server that runs now. */
export interface DrilledServer extends DrilledSystem {
  readonly folder: string;
  readonly address: string;
}

/** The seed of a drill, GRAFT_SEED or a new one. It is printed, so that the drill can be repeated. */
export function drillStream(name: string): RandomStream {
  const seed = Number(process.env.GRAFT_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stderr.write(`${name} from GRAFT_SEED=${seed}\n`);
  return randomStream(seed, name);
}

/** Starts `graft dev`, and uploads the data set of the trainings. */
export async function startDrill({
  folder = scratchFolder(),
  environment = {},
  prefix,
}: DrillOptions = {}): Promise<DrilledServer> {
  const start = () => startDev({ ...environment, GRAFT_DATA_DIR: folder }, [], prefix);
  let dev = await start();
  let client = createClient(httpTransport(dev.address));
  const system: DrilledServer = {
    folder,
    get client() {
      return client;
    },
    get address() {
      return dev.address;
    },
    accepted: new Map(),
    async restart() {
      await dev.stop('SIGKILL');
      dev = await start();
      client = createClient(httpTransport(dev.address));
    },
    killWorker,
    workers: () => workersIn(folder),
  };
  await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_API: dev.address });
  return system;
}

/**
 * Keeps a job of each model in flight, and repeats the requests of those that have not ended, as a client does that has
 * lost the response.
 */
export async function submitAll({ client, accepted, inputSizeOf }: DrilledSystem): Promise<void> {
  for (const name of MODELS) {
    const keys = [...accepted.keys()].filter((key) => key.startsWith(`${name} `));
    const last = keys.at(-1);
    const id = last === undefined ? undefined : accepted.get(last);
    const isInFlight = id !== undefined && !hasEnded(await client.jobs.get(id));
    const key = isInFlight ? `${last}` : `${name} ${keys.length}`;
    const backbone = inputSizeOf === undefined ? spec.backbone : { inputSize: inputSizeOf(name) };
    const job = await client.jobs.submit({ ...spec, name, backbone }, key);
    expect(accepted.get(key) ?? job.id, key).toBe(job.id);
    accepted.set(key, job.id);
  }
}

/** Sends the request of a job once, however it is answered. */
export function requestJob({ address }: DrilledServer, name: string, key: string): Promise<Response> {
  return fetch(new URL('/v1/jobs', address), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ ...spec, name }),
  });
}

/** Waits until one of the jobs trains. @returns it */
export async function trainingJob(system: DrilledSystem): Promise<AnyJob> {
  for (;;) {
    const { jobs } = await system.client.jobs.list({ state: 'RUNNING' });
    const training = jobs.find(({ progress }) => progress?.stage === 'train');
    if (training !== undefined) return training;
    await submitAll(system);
    await wait(50);
  }
}

/** Waits until a job is so far. */
export async function until({ client }: DrilledSystem, id: string, reached: (job: AnyJob) => boolean): Promise<AnyJob> {
  for (;;) {
    const job = await client.jobs.get(id);
    if (reached(job)) return job;
    if (hasEnded(job)) throw new Error(`the job ended before: ${JSON.stringify(job.error ?? job.state)}`);
    await wait(50);
  }
}

/** The process that works on a job. */
export function workerOf({ handle }: AnyJob): number {
  return Number(handle?.split(':')[0] ?? Number.NaN);
}

/**
 * Waits until all jobs have ended, and checks what docs/reliability.md promises: each accepted job is there, has
 * succeeded and has one version, no other job or version exists, and no worker is left.
 */
export async function checkEnds({ client, accepted, workers }: DrilledSystem): Promise<AnyJob[]> {
  for (const id of accepted.values()) while (!hasEnded(await client.jobs.get(id))) await wait(200);
  const jobs = await collect(
    (page) => client.jobs.list(page),
    (page) => page.jobs,
  );
  expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(accepted.values()));
  expect(jobs.filter(({ state }) => state !== 'SUCCEEDED').map(({ id, state, error }) => ({ id, state, error }))).toEqual([]);
  const names = new Set([...accepted.keys()].map((key) => key.split(' ')[0] ?? ''));
  const versionsOf = (name: string) =>
    collect(
      (page) => client.models.versions(name, page),
      ({ versions }) => versions,
    );
  const publishers = (await Promise.all([...names].map(versionsOf))).flat().map(({ job }) => job);
  expect(publishers.toSorted()).toEqual([...accepted.values()].toSorted());
  // A worker ends a moment after its job.
  while ((await workers()).length > 0) await wait(100);
  return jobs;
}

/** All items of a paged list. */
async function collect<Page extends { readonly next?: string | undefined }, Item>(
  load: (page: { readonly limit: number; readonly after?: string }) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
  const all: Item[] = [];
  for (let after: string | undefined; ; ) {
    const page = await load({ limit: 100, ...(after !== undefined && { after }) });
    all.push(...itemsOf(page));
    if (page.next === undefined) return all;
    after = page.next;
  }
}

/** The processes that work on attempts in a data folder. */
async function workersIn(folder: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const isWorker = async (pid: string) =>
    (await read(pid, 'cmdline')).includes('train/main') &&
    (await read(pid, 'environ')).split('\0').includes(`GRAFT_DATA_DIR=${folder}`);
  const found = await Promise.all(processes.map(async (pid) => ((await isWorker(pid)) ? [pid] : [])));
  return found.flat();
}
