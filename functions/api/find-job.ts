import { jobDocument } from '../../lib/jobs/job-store.ts';
import { readDocument } from '../../lib/store/documents.ts';
import { presentJob } from './present/present-job.ts';
import { jsonResponse, type RouteResponse } from './response.ts';
import type { Route } from './route.ts';
import type { Services } from './services.ts';

/** The response to a repeated request: the current record of the job that the first one made, if it made one. */
export async function findJob({ contract }: Route, id: string, { world }: Services): Promise<RouteResponse | undefined> {
  const job = await readDocument(world.store, jobDocument, id);
  return job && jsonResponse(contract.status ?? 200, presentJob(job));
}
