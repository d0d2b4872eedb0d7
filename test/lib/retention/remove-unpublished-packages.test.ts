import { expect, test } from 'vitest';
import type { AnyJob, JobState } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { jobDocument } from '../../../lib/jobs/job-store.ts';
import { deleteVersion } from '../../../lib/models/delete-model.ts';
import { publishVersion } from '../../../lib/models/registry.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
import { removeUnpublishedPackages } from '../../../lib/retention/remove-unpublished-packages.ts';
import { createDocument } from '../../../lib/store/documents.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { publishConstant } from '../../support/api.ts';
import { jobResult } from '../../support/job-result.ts';
import { watchedStore } from '../../support/watched-store.ts';
import { testWorld } from '../../support/world.ts';

const WEEK = 7 * 86_400;
const COMPLETE = ['model.onnx', 'labels.json', 'card.json'];

type TestWorld = ReturnType<typeof testWorld>;

/** A run after seconds since all files were written. */
function removeAfter(seconds: number, { clock, ...world }: World): Promise<number> {
  const modifiedAt = new Date(clock.now().getTime() - seconds * 1000);
  const store: ObjectStore = {
    ...world.store,
    async list(prefix, page) {
      const { objects, more } = await world.store.list(prefix, page);
      return { objects: objects.map((head) => ({ ...head, modifiedAt })), more };
    },
  };
  return removeUnpublishedPackages({ ...world, clock, store });
}

/** Writes the files of two attempts of a job. @param state undefined: the job has no record */
async function writeAttempts(world: TestWorld, state: JobState | undefined, files: readonly string[] = COMPLETE) {
  const { store, clock } = world;
  const id = newId('job', clock.now());
  const [first, second] = [`models/flowers/${id}-1/`, `models/flowers/${id}-2-5e0c9a1b/`];
  for (const prefix of [first, second]) for (const file of files) await store.put(`${prefix}${file}`, new Uint8Array(1));
  const at = clock.now().toISOString();
  const result = state === 'SUCCEEDED' && { result: { ...jobResult, package: second } };
  const spec = JobSpec.parse({ name: 'flowers', dataset: 'flowers' });
  const job = { id, spec, state, createdAt: at, updatedAt: at, attempt: 2, ...result };
  if (state !== undefined) await createDocument(store, jobDocument, id, job as AnyJob);
  return { id, first, second };
}

const filesOf = async ({ store }: TestWorld, prefix: string) => (await store.list(prefix)).objects.length;

test.each<[state: JobState | undefined, files: readonly string[], left: readonly [first: number, second: number]]>([
  ['CANCELLED', COMPLETE, [0, 0]],
  ['CANCELLED', ['model.onnx'], [0, 0]],
  ['FAILED', ['model.onnx', 'labels.json'], [0, 0]],
  // A worker that was taken for dead may have recorded it.
  ['FAILED', COMPLETE, [3, 3]],
  ['SUCCEEDED', COMPLETE, [0, 3]],
  ['RUNNING', COMPLETE, [3, 3]],
  ['SUBMITTED', ['model.onnx'], [1, 1]],
  [undefined, COMPLETE, [3, 3]],
])('of a job that is %s with the files %j of each of two attempts, %j are left', async (state, files, left) => {
  const world = testWorld();
  const { first, second } = await writeAttempts(world, state, files);
  expect(await removeAfter(WEEK - 1, world)).toBe(0);
  expect(await removeAfter(WEEK, world)).toBe(2 * files.length - left[0] - left[1]);
  expect([await filesOf(world, first), await filesOf(world, second)]).toEqual(left);
});

test('published packages, and what is no package, stay', async () => {
  const world = testWorld();
  await publishConstant(world.store, 'flowers', 1);
  await world.store.put('models/flowers/notes.txt', new Uint8Array(1));
  const before = await filesOf(world, 'models/');
  expect(await removeAfter(WEEK, world)).toBe(0);
  expect(await filesOf(world, 'models/')).toBe(before);
});

test('what was written into the package of a deleted version is removed', async () => {
  const world = testWorld();
  const { id: job, second } = await writeAttempts(world, 'SUCCEEDED');
  const version = { job, package: second, createdAt: world.clock.now().toISOString(), backbone: 'vgg16', dataset: 'flowers' };
  await publishVersion('flowers', version, world.store);
  await publishConstant(world.store, 'flowers', 2);
  expect(await removeAfter(WEEK, world)).toBe(COMPLETE.length);
  expect(await filesOf(world, second)).toBe(COMPLETE.length);
  await deleteVersion('flowers', 1, world.store);
  await world.store.put(`${second}report.html`, new Uint8Array(1));
  expect(await removeAfter(WEEK - 1, world)).toBe(0);
  expect(await removeAfter(WEEK, world)).toBe(1);
  expect(await filesOf(world, second)).toBe(0);
});

test('a package stays whose version is published while the run reads', async () => {
  const world = testWorld();
  const { id: job, second } = await writeAttempts(world, 'CANCELLED');
  const version = { job, package: second, createdAt: world.clock.now().toISOString(), backbone: 'vgg16', dataset: 'flowers' };
  let isPublished = false;
  const store = watchedStore(world.store, async (_, name, [key]) => {
    if (isPublished || name !== 'get' || key !== `jobs/${job}.json`) return;
    isPublished = true;
    await publishVersion('flowers', version, world.store);
  });
  expect(await removeAfter(WEEK, { ...world, store })).toBe(COMPLETE.length);
  expect(await filesOf(world, second)).toBe(COMPLETE.length);
});

test('a record that cannot be read keeps its packages, and no others', async () => {
  const world = testWorld();
  const unreadable = await writeAttempts(world, undefined);
  await world.store.put(`jobs/${unreadable.id}.json`, new TextEncoder().encode('{'));
  const cancelled = await writeAttempts(world, 'CANCELLED');
  expect(await removeAfter(WEEK, world)).toBe(2 * COMPLETE.length);
  expect(await filesOf(world, unreadable.first)).toBe(COMPLETE.length);
  expect(await filesOf(world, cancelled.first)).toBe(0);
  expect(world.events).toContain('packages.unreadable');
});
