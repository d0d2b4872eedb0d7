import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openLocalSystem } from '../../functions/local/local-system.ts';
import { sum } from '../../lib/arithmetic.ts';
import { createClient } from '../../lib/client/client.ts';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { type Bench, median, percentile } from './bench.ts';
import { graftCommand } from './graft-command.ts';
import { timeInterleaved } from './interleave.ts';
import { inScratch } from './scratch.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
const JOBS = 600;
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
  run: () =>
    inScratch(async (folder) => {
      const directory = join(folder, 'data');
      await graftCommand(z.looseObject({ digest: z.string() }), ['upload', sample, '--name', 'sample'], directory);
      const system = openLocalSystem({ GRAFT_DATA_DIR: directory }, () => {});
      const { jobs } = createClient(system.api);
      const spec: JobSpecInput = { name: 'sample', dataset: 'sample' };
      let number = 0;
      const works = [() => jobs.submit(spec, `key ${number++}`), () => write(folder, number)];
      const [graft = [], bare = []] = await timeInterleaved(works, JOBS);
      const burst = await perSecond(JOBS, AT_ONCE, () => jobs.submit(spec, `key ${number++}`));
      await system.close();
      return {
        ratio: median(bare) / median(graft),
        ratios: { tail: percentile(graft, 0.99) / median(graft) },
        sides: { graft: describe(graft), burst: { perSecond: burst }, files: describe(bare) },
        versions: {},
      };
    }),
};

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

/** Measures how often per second `act` runs, `times` times in all, `atOnce` at once. */
async function perSecond(times: number, atOnce: number, act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let begun = 0;
  const client = async (): Promise<void> => {
    while (begun++ < times) await act();
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return times / ((performance.now() - start) / 1000);
}

function describe(each: readonly number[]): Record<string, number> {
  const seconds = sum(each) / 1000;
  return { perSecond: each.length / seconds, p50Milliseconds: median(each), p99Milliseconds: percentile(each, 0.99) };
}
