import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { JobEstimate } from '../../lib/contracts/compute.ts';
import { UsageError } from '../../lib/errors.ts';
import type { Table } from './bench.ts';
import { ESTIMATE_JOBS, type EstimatedCase } from './estimate-jobs.ts';
import { EstimateRow, estimateTable, summarizeEstimates } from './estimate-table.ts';
import { graftCommand } from './graft-command.ts';
import { inScratch } from './scratch.ts';
import { appendRow, readRows } from './table-rows.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
const Planned = z.looseObject({ estimate: JobEstimate });
const Trained = z.looseObject({
  strategy: z.looseObject({ name: z.string() }),
  seconds: z.looseObject({ total: z.number() }),
});

/** Compares the times of jobs with their estimates. */
export const estimates: Table = {
  name: 'estimates',
  about:
    `estimated and taken time of ${ESTIMATE_JOBS.length} jobs on the bundled sample, on both runtimes; goes on where it was ` +
    'interrupted [--jobs 1,2,5] [--folder PATH]',
  async run(args) {
    const { jobs, folder } = parseOptions(args);
    const file = join(folder, 'estimates.jsonl');
    await mkdir(folder, { recursive: true });
    const known = new Set((await readRows(file, EstimateRow)).map(({ job }) => job));
    for (const [i, job] of ESTIMATE_JOBS.entries()) {
      if (!jobs.includes(i + 1) || known.has(i + 1)) continue;
      const row = await measure(i + 1, job);
      await appendRow(file, row);
      console.error(JSON.stringify(row));
    }
    const rows = await readRows(file, EstimateRow);
    return { markdown: estimateTable(rows), json: { rows, ...summarizeEstimates(rows) } };
  },
};

function parseOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { jobs: text, folder: text } });
  const all = ESTIMATE_JOBS.map((_, i) => i + 1);
  const jobs = values.jobs?.split(',').map(Number) ?? all;
  if (!jobs.every((job) => all.includes(job)))
    throw new UsageError('USAGE', { at: '--jobs', expected: `numbers from 1 to ${all.length}`, received: values.jobs });
  return { jobs, folder: resolve(values.folder ?? '.graft/estimates') };
}

/** Estimates and then trains a job as a user does, in a new data folder without cached features. */
function measure(number: number, { name, runtime, spec }: EstimatedCase): Promise<EstimateRow> {
  return inScratch(async (folder) => {
    const directory = join(folder, 'data');
    const environment = { GRAFT_TENSORFLOW: runtime };
    const file = join(folder, 'spec.json');
    await writeFile(file, JSON.stringify({ name: 'sample', dataset: 'sample', ...spec }));
    await graftCommand(z.looseObject({ digest: z.string() }), ['upload', sample, '--name', 'sample'], directory);
    const train = ['train', '--spec', file];
    const { estimate } = await graftCommand(Planned, [...train, '--dry-run'], directory, environment);
    const { strategy, seconds } = await graftCommand(Trained, [...train, '--wait'], directory, environment);
    const { low, expected, upper } = estimate.range ?? { low: 0, expected: estimate.seconds, upper: estimate.seconds };
    return { job: number, name, runtime, used: strategy.name, low, expected, upper, taken: seconds.total };
  });
}
