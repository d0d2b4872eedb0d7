import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Transport } from '../../../lib/client/api-request.ts';
import type { Client } from '../../../lib/client/client.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import type { ObjectStore } from '../../../lib/ports.ts';

/** A deployment, and what a caller has besides its API. */
export interface Deployed {
  readonly send: Transport;
  /** Its buckets with the caller's own credentials, for what the API does not offer. */
  readonly store: ObjectStore;
  readonly ownBucket: string;
  /** A bucket that it may read. */
  readonly sourceBucket: string;
  readonly putSource: (key: string, body: Uint8Array) => Promise<void>;
}

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

/** The job once it has ended well; the test's own time limit ends a wait for one that does not end. */
export async function succeeded(client: Client, id: string): Promise<AnyJob> {
  for (;;) {
    const job = await client.jobs.get(id);
    if (!ENDED.includes(job.state)) await wait(500);
    else {
      expect(job, JSON.stringify(job)).toMatchObject({ state: 'SUCCEEDED' });
      return job;
    }
  }
}
