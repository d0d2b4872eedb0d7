/** Kills processes of the embedded system at random moments, with jobs in flight, and submits with the same keys again. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Client, createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { MAX_ATTEMPTS } from '../../lib/jobs/attempt-limits.ts';
import { hasEnded } from '../../lib/jobs/life-cycle.ts';
import { type RandomStream, randomStream } from '../../lib/random.ts';
import { graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';

/** GRAFT_KILLS: how many; GRAFT_SEED: of the moments and victims. */
const KILLS = Number(process.env.GRAFT_KILLS ?? 12);
const SEED = Number(process.env.GRAFT_SEED ?? Math.floor(Math.random() * 2 ** 31));

const MODELS = ['one', 'two', 'three'];
const LONGEST_PAUSE_MS = 3000;
/** The training takes some seconds, and writes checkpoints. */
const spec = {
  dataset: 'trash',
  strategy: 'feature-extraction',
  backbone: { inputSize: 64 },
  training: { epochs: 60, batchSize: 4, earlyStopping: null },
} as const;

test(`after ${KILLS} random kills each accepted job has ended once, with one version`, { timeout: 3_600_000 }, async () => {
  process.stderr.write(`${KILLS} kills from GRAFT_SEED=${SEED}\n`);
  const random = randomStream(SEED, 'kills');
  const system = await startSystem();
  const accepted = new Map<string, string>();
  const victims = { server: 0, worker: 0, both: 0 };

  for (let kills = 0; kills < KILLS; ) {
    await submitAll(system.client, accepted);
    await wait(random.next() * LONGEST_PAUSE_MS);
    const victim = pick(['server', 'worker', 'both'] as const, random) ?? 'both';
    // A job fails after so many lost attempts, as it should.
    const running = (await system.client.jobs.list({ state: 'RUNNING' })).jobs.filter(({ attempt }) => attempt < MAX_ATTEMPTS);
    const worker = victim === 'server' ? undefined : pick(running, random);
    if (victim !== 'server' && worker === undefined) continue;
    if (worker !== undefined) killWorker(worker);
    if (victim !== 'worker') await system.restart();
    victims[victim]++;
    kills++;
  }

  for (const id of accepted.values()) await ended(system.client, id);
  const jobs = await allJobs(system.client);
  process.stderr.write(`${jobs.length} jobs; killed: ${JSON.stringify(victims)}\n`);
  expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(accepted.values()));
  expect(jobs.filter(({ state }) => state !== 'SUCCEEDED').map(({ id, state, error }) => ({ id, state, error }))).toEqual([]);
  const publishers = (await Promise.all(MODELS.map((name) => publishersOf(system.client, name)))).flat();
  expect(publishers.toSorted()).toEqual([...accepted.values()].toSorted());
});

async function startSystem() {
  const GRAFT_DATA_DIR = scratchFolder();
  let dev = await startDev({ GRAFT_DATA_DIR });
  const system = {
    client: createClient(httpTransport(dev.address)),
    async restart() {
      await dev.stop('SIGKILL');
      dev = await startDev({ GRAFT_DATA_DIR });
      system.client = createClient(httpTransport(dev.address));
    },
  };
  await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_API: dev.address });
  return system;
}

/**
 * Keeps a job of each model in flight, and repeats the requests of those that have not ended, as a client does that has
 * lost the response. @param accepted the job of each key
 */
async function submitAll(client: Client, accepted: Map<string, string>): Promise<void> {
  for (const name of MODELS) {
    const keys = [...accepted.keys()].filter((key) => key.startsWith(`${name} `));
    const last = keys.at(-1);
    const id = last === undefined ? undefined : accepted.get(last);
    const isInFlight = id !== undefined && !hasEnded(await client.jobs.get(id));
    const key = isInFlight ? `${last}` : `${name} ${keys.length}`;
    const job = await client.jobs.submit({ ...spec, name }, key);
    expect(accepted.get(key) ?? job.id, key).toBe(job.id);
    accepted.set(key, job.id);
  }
}

function killWorker({ handle }: AnyJob): void {
  const pid = Number(handle?.split(':')[0] ?? Number.NaN);
  if (Number.isNaN(pid)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function allJobs(client: Client): Promise<AnyJob[]> {
  const all: AnyJob[] = [];
  for (let after: string | undefined; ; ) {
    const { jobs, next } = await client.jobs.list({ limit: 100, ...(after !== undefined && { after }) });
    all.push(...jobs);
    if (next === undefined) return all;
    after = next;
  }
}

/** The job of each version of a model. */
async function publishersOf(client: Client, name: string): Promise<string[]> {
  const all: string[] = [];
  for (let after: string | undefined; ; ) {
    const { versions, next } = await client.models.versions(name, { limit: 100, ...(after !== undefined && { after }) });
    all.push(...versions.map(({ job }) => job));
    if (next === undefined) return all;
    after = next;
  }
}

async function ended(client: Client, id: string): Promise<void> {
  while (!hasEnded(await client.jobs.get(id))) await wait(200);
}

function pick<Item>(items: readonly Item[], random: RandomStream): Item | undefined {
  return items[random.integer(items.length)];
}
