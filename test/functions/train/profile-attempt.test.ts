import { expect, test } from 'vitest';
import { profiled } from '../../../functions/train/profile-attempt.ts';
import type { JobProgress } from '../../../lib/contracts/job.ts';
import type { Profile } from '../../../lib/local/profile.ts';

test('stages end when the next one begins, each report ends a step, and lines of the log are instants', async () => {
  const seen: string[] = [];
  const profile: Profile = {
    span: (row, name) => seen.push(`${row}: ${name}`),
    mark: (row, name) => seen.push(`${row}: ${name}`),
    finish: async () => ['', ''],
  };
  const reported: JobProgress[] = [];
  const logged: string[] = [];
  const work: Parameters<typeof profiled>[0] = async (_, { report }, { log }) => {
    report({ stage: 'features', done: 8, total: 16 });
    report({ stage: 'features', done: 16, total: 16 });
    log('features', {});
    report({ stage: 'train', done: 1, total: 5 });
    throw new Error('the work failed');
  };
  const context = { report: (progress: JobProgress) => reported.push(progress) };
  const world = { log: (event: string) => logged.push(event) };
  await expect(profiled(work, profile)({} as never, context as never, world as never)).rejects.toThrow('the work failed');
  expect(seen).toEqual([
    'stages: start',
    'steps: features 8 of 16',
    'steps: features 16 of 16',
    'log: features',
    'stages: features',
    'steps: train 1 of 5',
    'stages: train',
  ]);
  expect(reported.map(({ done }) => done)).toEqual([8, 16, 1]);
  expect(logged).toEqual(['features']);
});
