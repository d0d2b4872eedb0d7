import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import type { ObjectStore } from '../ports.ts';
import { readDocument } from '../store/documents.ts';
import { listKeys } from '../store/list-keys.ts';
import { activeMark, jobDocument } from './job-store.ts';

/** Reads the jobs that have not ended. */
export async function* unfinishedJobs(store: ObjectStore): AsyncGenerator<AnyJob> {
  for await (const { key } of listKeys(store, activeMark(''))) {
    const job = await readDocument(store, jobDocument, key.slice(activeMark('').length));
    if (job !== undefined && !hasEnded(job)) yield job;
  }
}
