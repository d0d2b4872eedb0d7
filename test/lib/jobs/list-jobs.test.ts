import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { type JobPage, listJobs } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

/** A store with 230 jobs, of which every seventh is of the model `rare`, and their ids, newest first. */
async function manyJobs() {
  const world = testWorld();
  const rare: string[] = [];
  for (let i = 0; i < 230; i++) {
    const name = i % 7 === 0 ? 'rare' : 'other';
    const { id } = await submitJob(JobSpec.parse({ name, dataset: 'trash' }), world);
    if (name === 'rare') rare.unshift(id);
    await world.clock.advance(1);
  }
  return { store: world.store, rare };
}

/** Reads all pages, and counts the lists of the store. */
async function readPages(store: ObjectStore, page: JobPage) {
  let lists = 0;
  const counting = watchedStore(store, async (_, operation) => {
    if (operation === 'list') lists++;
  });
  const pages: string[][] = [];
  for (let after: string | undefined, more = true; more; ) {
    const { jobs, next } = await listJobs(counting, { ...page, after });
    pages.push(jobs.map(({ id }) => id));
    after = next;
    more = next !== undefined;
  }
  return { pages, lists };
}

test('a filtered list has every job that matches once, and reads many records at once', async () => {
  const { store, rare } = await manyJobs();
  expect(await readPages(store, { model: 'rare', limit: 10 })).toEqual({
    pages: [rare.slice(0, 10), rare.slice(10, 20), rare.slice(20, 30), rare.slice(30)],
    lists: 8,
  });
  expect(await readPages(store, { model: 'rare', limit: rare.length }), 'a page that is just full is the last').toEqual({
    pages: [rare],
    lists: 3,
  });
  expect(await readPages(store, { model: 'none', limit: 10 })).toEqual({ pages: [[]], lists: 4 });
});

test('a page that the first records fill reads no others', async () => {
  const { store } = await manyJobs();
  let read = 0;
  const counting = watchedStore(store, async (_, operation) => {
    if (operation === 'get') read++;
  });
  const { jobs } = await listJobs(counting, { dataset: 'trash', limit: 10 });
  expect([jobs.length, read]).toEqual([10, 10]);
});
