/** Kills processes of the embedded system at random moments, with jobs in flight, and submits with the same keys again. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Client, createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { MAX_ATTEMPTS } from '../../lib/jobs/attempt-limits.ts';
import { hasEnded } from '../../lib/jobs/life-cycle.ts';
import { type RandomStream, randomStream } from '../../lib/random.ts';
import { graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';
import { killWorker } from '../support/kill-worker.ts';

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
  const { client } = system;
  const jobs = await collect(
    (page) => client.jobs.list(page),
    (page) => page.jobs,
  );
  process.stderr.write(`${jobs.length} jobs; killed: ${JSON.stringify(victims)}\n`);
  expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(accepted.values()));
  expect(jobs.filter(({ state }) => state !== 'SUCCEEDED').map(({ id, state, error }) => ({ id, state, error }))).toEqual([]);
  const versionsOf = (name: string) =>
    collect(
      (page) => client.models.versions(name, page),
      ({ versions }) => versions,
    );
  const publishers = (await Promise.all(MODELS.map(versionsOf))).flat().map(({ job }) => job);
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

async function ended(client: Client, id: string): Promise<void> {
  while (!hasEnded(await client.jobs.get(id))) await wait(200);
}

function pick<Item>(items: readonly Item[], random: RandomStream): Item | undefined {
  return items[random.integer(items.length)];
}
