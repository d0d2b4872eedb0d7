/** Holds the write locks of the embedded system's databases for longer than it waits for them. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { storeDirectory } from '../../lib/local/data-folder.ts';
import { checkEnds, requestJob, startDrill, submitAll, trainingJob } from '../support/drill/drilled-system.ts';

test('while another process locks the databases, requests are told to come again, and nothing is lost', async () => {
  const system = await startDrill();
  await submitAll(system);
  const job = await trainingJob(system);

  const unlock = lockDatabases(system.folder);
  const [first, second] = await Promise.all([requestJob(system, 'one', 'locked'), requestJob(system, 'two', 'locked too')]);
  for (const response of [first, second]) {
    expect({ status: response.status, again: response.headers.get('retry-after') }).toEqual({ status: 503, again: '1' });
    expect(await response.json()).toMatchObject({ code: 'STORE_BUSY', fix: 'stop the process that holds the lock' });
  }
  // What is there can be read.
  expect(await system.client.jobs.get(job.id)).toMatchObject({ id: job.id });
  unlock();

  // The same requests, as a client sends them again.
  for (const [name, key] of [['one', 'locked'] as const, ['two', 'locked too'] as const]) {
    const response = await requestJob(system, name, key);
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { readonly id: string };
    system.accepted.set(`${name} ${key}`, id);
  }
  await checkEnds(system);
});

/** Locks what every write of the server and its workers needs. @returns a function that unlocks it */
function lockDatabases(folder: string): () => void {
  const store = storeDirectory(folder);
  const files = [join(store, 'records.sqlite'), join(store, 'lock'), join(folder, 'trainings.sqlite')];
  const databases = files.map((file) => new DatabaseSync(file, { timeout: 10_000 }));
  for (const database of databases) database.exec('BEGIN IMMEDIATE');
  return () => {
    for (const database of databases) database.close();
  };
}
