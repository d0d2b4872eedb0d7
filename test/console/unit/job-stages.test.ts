import { describe, expect, test } from 'vitest';
import { stagesOf } from '../../../console/job-stages.ts';
import type { JobEvent } from '../../../lib/contracts/job-event.ts';

type Stage = Extract<JobEvent, { type: 'stage' }>['stage'];

/** Stages that began, by attempt. */
function events(...attempts: readonly (readonly Stage[])[]): JobEvent[] {
  const time = '2030-01-01T00:00:00.000Z';
  return attempts.flatMap((stages, i) => stages.map((stage): JobEvent => ({ type: 'stage', time, attempt: i + 1, stage })));
}

const looksOf = (...[job, begun]: Parameters<typeof stagesOf>) =>
  stagesOf(job, begun).map(({ stage, look }) => `${stage} ${look}`.trim());

describe('the stages of a job', () => {
  test.each([
    ['before it starts', 'SUBMITTED', [], ['prepare', 'features', 'train', 'evaluate', 'publish']],
    [
      'while it runs',
      'RUNNING',
      [['prepare', 'features', 'train']],
      ['prepare done', 'features done', 'train now', 'evaluate', 'publish'],
    ],
    [
      'of a failed attempt',
      'FAILED',
      [['prepare', 'features']],
      ['prepare done', 'features failed', 'train', 'evaluate', 'publish'],
    ],
    [
      'of a last attempt that failed before the first one was lost',
      'FAILED',
      [
        ['prepare', 'features', 'train'],
        ['prepare', 'features'],
      ],
      ['prepare done', 'features failed', 'train', 'evaluate', 'publish'],
    ],
    [
      'of a cancelled search',
      'CANCELLED',
      [['prepare', 'search']],
      ['prepare done', 'search', 'features', 'train', 'evaluate', 'publish'],
    ],
    [
      'that succeeded',
      'SUCCEEDED',
      [['prepare', 'features', 'train', 'evaluate', 'publish']],
      ['prepare done', 'features done', 'train done', 'evaluate done', 'publish done'],
    ],
  ] as const)('%s', (_, state, attempts, expected) => {
    expect(looksOf({ state }, events(...attempts))).toEqual(expected);
  });

  test('of another kind of job are those that began', () => {
    const job = { kind: 'batch-predict', state: 'FAILED' } as const;
    expect(looksOf(job, events(['prepare', 'predict'], ['prepare']))).toEqual(['prepare failed', 'predict']);
  });
});
