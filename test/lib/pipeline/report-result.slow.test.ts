import { cp, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobResult, JobState } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { importSource } from '../../../lib/library/import-source.ts';
import { readCard } from '../../../lib/models/model-package.ts';
import { readModelReport, readReportPage, reportFiles } from '../../../lib/models/report-files.ts';
import { completeReport } from '../../../lib/pipeline/report-result.ts';
import type { World } from '../../../lib/ports.ts';
import { makeReport } from '../../../lib/reports/make-report.ts';
import { scratchFolder, trashPhotographs } from '../../support/graft.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { runJob } from '../../support/run-job.ts';
import { testWorld } from '../../support/world.ts';

const small = {
  name: 'trash',
  dataset: 'trash',
  backbone: { inputSize: 32 },
  strategy: 'feature-extraction',
  split: { train: 0.6, validation: 0.2, test: 0.2 },
  training: { epochs: 3, batchSize: 16 },
} as const;

async function trained(
  world: World,
  split: { train: number; validation: number; test: number } = small.split,
): Promise<JobResult> {
  await importSource(trashPhotographs, world, { name: 'trash' });
  return runJob({ ...small, split }, world);
}

describe('a job whose worker exited during the report', () => {
  const complete = async (attempt: number, history: readonly [JobState, number][] = []) => {
    const world = testWorld();
    const published = { model: 'scored', ...(await publishScored(world, { labels: ['a', 'b'], number: 5 })) };
    const spec = JobSpec.parse({ name: 'scored', dataset: 'scored' });
    const changes = history.map(([state, of]) => ({ state, time: '2030-01-01T00:00:00.000Z', attempt: of }));
    const job = { id: 'job-zd310wsts-0000000005', attempt, spec, ...(changes.length > 0 && { history: changes }) };
    await completeReport(published, job, world);
    return readModelReport(published, world.store);
  };

  test('gets its report from the next attempt', async () => {
    expect(await complete(2)).toMatchObject({ model: 'scored', version: 1 });
  });

  test('gets it from the attempt after one that did not start', async () => {
    const history: [JobState, number][] = [
      ['RUNNING', 1],
      ['SUBMITTED', 1],
      ['STARTING', 2],
      ['SUBMITTED', 2],
      ['STARTING', 3],
      ['RUNNING', 3],
    ];
    expect(await complete(3, history)).toMatchObject({ model: 'scored' });
  });

  test.each([
    ['without a history', []],
    [
      'after one that has started',
      [
        ['RUNNING', 1],
        ['RUNNING', 2],
        ['RUNNING', 3],
      ] as [JobState, number][],
    ],
  ])('gets none from the attempt after that, so that no report can use up all attempts: %s', async (_, history) => {
    await expect(complete(3, history)).rejects.toMatchObject({ code: 'MODEL_REPORT_MISSING' });
  });
});

describe('the end of a training job', () => {
  test('makes a report of the test images, which can be made again with the same bytes', async () => {
    const world = testWorld();
    const result = await trained(world);
    const report = await readModelReport(result, world.store);
    const page = await readReportPage(result, world.store);
    expect(report).toMatchObject({ model: 'trash', version: 1, evaluated: { part: 'test', images: 12, of: 12 } });
    expect(report.metrics.accuracy.value).toBeCloseTo(result.metrics.test?.accuracy ?? -1, 4);
    expect((await readCard(result, world.store)).files).toHaveProperty([reportFiles.scores]);
    expect(report.history).toHaveLength(3);
    expect(report.data).toMatchObject({ images: 60, splits: { train: 36, validation: 12, test: 12 } });
    await makeReport('trash', 1, world.store);
    expect(await readReportPage(result, world.store)).toBe(page);
    expect(await readModelReport(result, world.store)).toEqual(report);
    expect(world.events).not.toContain('report.failed');
  });

  test('counts related images as one, as the manifest and the split do', async () => {
    const world = testWorld();
    const folder = scratchFolder();
    await cp(trashPhotographs, folder, { recursive: true });
    const images = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.jpg')).sort();
    // Neighbours are pairs of one label.
    const rows = images.map((path, place) => `${path},${dirname(path)},${place >> 1}`);
    await writeFile(join(folder, 'manifest.csv'), ['path,label,group', ...rows].join('\n'));
    await importSource(folder, world, { name: 'trash' });
    const { evaluated } = await readModelReport(await runJob(small, world), world.store);
    expect(evaluated).toMatchObject({ images: 12, groups: 6 });
  });

  test('without test images, reports on images that the networks were not trained on', async () => {
    const world = testWorld();
    const report = await readModelReport(await trained(world, { train: 0.7, validation: 0.3, test: 0 }), world.store);
    expect(report.evaluated.part).toBe('held-out');
    expect(report.summary).toContain('that its networks were not trained on');
  });

  test('publishes its version although the report fails', async () => {
    const world = testWorld();
    const { store } = world;
    const failing: typeof store = Object.assign(Object.create(store), {
      put: async (key: string, ...rest: [Uint8Array]) => {
        if (key.endsWith(reportFiles.json)) throw new Error('the disk is full');
        return store.put(key, ...rest);
      },
    });
    const result = await trained({ ...world, store: failing });
    expect(result).toMatchObject({ model: 'trash', version: 1 });
    expect(world.events).toContain('report.failed');
    await expect(readModelReport(result, store)).rejects.toMatchObject({ code: 'MODEL_REPORT_MISSING' });
  });
});
