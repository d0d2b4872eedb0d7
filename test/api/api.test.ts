/** `graft dev` as its own process, held to its own OpenAPI document, and to losing nothing in a burst. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Client, createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { GraftError } from '../../lib/errors.ts';
import { runSchemathesis } from '../support/docs/schemathesis.ts';
import { graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';

const CASES = 2_000;
const SUBMITS = 1_000;
/** Requests that one client has under way: more than the server takes at once. */
const AT_ONCE = 200;

const tiny: Omit<JobSpecInput, 'name'> = {
  dataset: 'trash',
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
  training: { epochs: 2 },
};

/** A running server with a data set, a finished job and its model. */
async function system() {
  const folder = scratchFolder();
  const { address } = await startDev({ GRAFT_DATA_DIR: folder });
  await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_API: address });
  const client = createClient(httpTransport(address, { retry: { patienceMs: 240_000 } }));
  const { id } = await client.jobs.submit({ name: 'tiny', ...tiny });
  for await (const _ of client.jobs.follow(id)) {
    // To its end.
  }
  expect(await client.jobs.get(id)).toMatchObject({ state: 'SUCCEEDED' });
  await client.models.setAlias('tiny', 'prod', { version: 1 });
  return { folder, address, client, job: id };
}

test('every answer to generated requests is one that the OpenAPI document describes, and none blames the server', async () => {
  const { folder, address, client, job } = await system();
  const { paths = {} } = await client.openapi();
  const operations = Object.values(paths as object).flatMap((item) => Object.keys(item)).length;
  const { status, report } = await runSchemathesis(address, {
    known: {
      jobs: { id: job },
      models: { name: 'tiny', ref: 'tiny', version: 1, alias: 'prod' },
      datasets: { id: 'trash' },
    },
    // Where an operation takes nothing there is less to generate than is asked for.
    casesPerOperation: Math.ceil((1.3 * CASES) / operations),
    folder,
  });
  expect(status, report).toBe(0);
  const [, passed = 0] = /(\d+) generated, \1 passed/.exec(report) ?? [];
  expect(Number(passed), report).toBeGreaterThanOrEqual(CASES);
  expect(await client.health()).toMatchObject({ status: 'ok' });
});

test('32 predictions and 1,000 submits at once: each is answered, and nothing is lost', async () => {
  const { client } = await system();
  const [photograph = ''] = await readdir(join(trashPhotographs, 'metal'));
  const bytes = await readFile(join(trashPhotographs, 'metal', photograph));
  const [answers, ids] = await Promise.all([
    Promise.all(Array.from({ length: 32 }, () => client.models.predict('tiny:prod', [{ name: photograph, bytes }]))),
    inTurns(SUBMITS, async (number) => (await client.jobs.submit({ name: `burst-${number}`, ...tiny })).id),
  ]);
  for (const { predictions } of answers) expect(predictions).toEqual(answers[0]?.predictions);
  expect(new Set(ids).size).toBe(SUBMITS);
  const states = await inTurns(SUBMITS, async (number) => stateAfterCancel(client, ids[number] ?? ''));
  expect(states.filter((state) => state !== 'CANCELLED' && state !== 'SUCCEEDED')).toEqual([]);
  expect(await listed(client)).toEqual(expect.arrayContaining(ids));
});

/** The state in which a job ends that is cancelled now: one that is being published can no longer be, and succeeds. */
async function stateAfterCancel(client: Client, id: string): Promise<string> {
  try {
    return (await client.jobs.cancel(id)).state;
  } catch (error) {
    if (!(error instanceof GraftError && error.code === 'JOB_PUBLISHING')) throw error;
    for await (const _ of client.jobs.follow(id)) {
      // To its end.
    }
    return (await client.jobs.get(id)).state;
  }
}

/** Does something so many times, `AT_ONCE` of them at a time. */
async function inTurns<Result>(count: number, act: (number: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const number = next++;
      results[number] = await act(number);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

async function listed(client: Client): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await client.jobs.list({ after, limit: 100 });
    ids.push(...page.jobs.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}
