import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openLocalSystem } from '../../functions/local/local-system.ts';
import { createClient } from '../../lib/client/client.ts';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import type { FileLock } from '../../lib/local/file-lock.ts';
import { holdWorkerLock } from '../../lib/local/worker-lock.ts';
import type { Bench } from './bench.ts';
import { callAtOnce, describeCalls } from './calls.ts';
import { graftCommand } from './graft-command.ts';
import { timeInterleaved } from './interleave.ts';
import { measurePairs, ratioOf, type Sides } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { timeWork } from './time-work.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
/** Of each kind in a pair. */
const JOBS = 200;
/** Number of clients in a burst, each with one submission in progress. */
const AT_ONCE = 32;
/** Files that a submission writes: the idempotency key, the mark, the record, the message. */
const WRITES = 4;

/** Compares submissions through the API's handler with writing and syncing as many files. */
export const submit: Bench = {
  name: 'submit',
  about:
    `${JOBS} jobs submitted to the embedded system one after the other, and ${AT_ONCE} at once, against ${WRITES} durable ` +
    'writes each',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const directory = join(folder, 'data');
      await graftCommand(z.looseObject({ digest: z.string() }), ['upload', sample, '--name', 'sample'], directory);
      const worker = await holdWorker(directory);
      const system = openLocalSystem({ GRAFT_DATA_DIR: directory }, () => {});
      const { jobs } = createClient(system.api);
      const spec: JobSpecInput = { name: 'sample', dataset: 'sample' };
      let number = 0;
      const submitNext = () => jobs.submit(spec, `key ${number++}`);
      // The first ones compile the code.
      await timeInterleaved([submitNext, () => write(folder, number)], JOBS);
      const compared = await measurePairs({
        pairs,
        async measure() {
          const [graft = [], files = []] = await timeInterleaved([submitNext, () => write(folder, number)], JOBS);
          const burst = await timeWork(async () => {
            const { p50Milliseconds, p99Milliseconds } = describeCalls(await callAtOnce(JOBS, AT_ONCE, submitNext));
            return { p50Milliseconds, p99Milliseconds };
          });
          return {
            graft: describeCalls(graft),
            burst: { ...burst, perSecond: JOBS / burst.seconds },
            files: describeCalls(files),
          };
        },
        ratios: { ratio: ratioOf('files', 'graft', 'p50Milliseconds'), tail: slowestOf('graft'), filesTail: slowestOf('files') },
      });
      await system.close();
      worker.close();
      return { ...compared, versions: { node: process.version } };
    }),
};

/** Waits until the worker that imported the images has ended: it would train the first jobs beside the submissions. */
async function holdWorker(directory: string): Promise<FileLock> {
  for (;;) {
    const lock = await holdWorkerLock(directory);
    if (lock !== undefined) return lock;
  }
}

/** p99 divided by p50. */
function slowestOf(side: string) {
  return (sides: Sides): number => (sides[side]?.p99Milliseconds ?? Number.NaN) / (sides[side]?.p50Milliseconds ?? Number.NaN);
}

async function write(folder: string, job: number): Promise<void> {
  for (let file = 0; file < WRITES; file++) {
    const path = join(folder, `${job}.${file}`);
    const handle = await open(`${path}.new`, 'w');
    await handle.writeFile(JSON.stringify({ job, file }));
    await handle.sync();
    await handle.close();
    await rename(`${path}.new`, path);
  }
}
