import { describe, expect, test } from 'vitest';
import type { JobRecord } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { encodeEvaluation, withGroups } from '../../../lib/pipeline/score-evaluation.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { decodeScores } from '../../../lib/reports/measure/scored-images.ts';
import { beginPublishing } from '../../support/models/begin-publishing.ts';
import { factsFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';
import { testWorld } from '../../support/world.ts';

const at = '2030-01-01T00:00:00.000Z';
const spec = JobSpec.parse({ name: 'scored', dataset: 'scored' });
const job: JobRecord = { id: 'job-zd310wsts-63stns7d9m', state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 1 };

function contextOf({ signal }: AbortController) {
  const world = testWorld();
  return {
    job,
    world,
    jobContext: { report: () => {}, flush: async () => {}, beginPublishing, signal },
  };
}

const fail = () => {
  throw new Error('a shape that does not fit');
};

describe('the scores of an evaluation', () => {
  test('are encoded for the package', async () => {
    const scores = drawScores({ task: 'single-label', count: 4, classes: 2, seed: 1 });
    const rows = [3, 1, 4, 0];
    const scored = { facts: factsFor(scores), scores, rows };
    const bytes = await encodeEvaluation(() => scored, contextOf(new AbortController()));
    expect(decodeScores(bytes ?? new Uint8Array(), 'here')).toMatchObject({ facts: { of: 4 }, rows });
  });

  test('say which images are related: of one group, or equal', () => {
    const row = (number: number, group?: string) => ({
      path: `${number}.jpg`,
      sha256: `${number % 5}`.padStart(64, '0'),
      labels: ['a'],
      ...(group && { group }),
    });
    const rows = [row(0), row(1, 'video'), row(2), row(3, 'video'), row(5), row(4)];
    const context = { dataset: { rows } } as unknown as TrainingContext;
    // The first and the last one of these are equal, and the others are of the video.
    expect(withGroups([0, 1, 3, 4], context)).toEqual({ groups: [0, 1, 1, 0] });
    expect(withGroups([0, 1, 2, 5], context), 'none of these').toEqual({});
  });

  test('are left out after a failure, which is logged', async () => {
    const context = contextOf(new AbortController());
    expect(await encodeEvaluation(fail, context)).toBeUndefined();
    expect(context.world.events).toContain('scores.failed');
  });

  test('end an attempt that was stopped meanwhile, instead of publishing a version without them', async () => {
    const controller = new AbortController();
    controller.abort(new Error('cancelled'));
    await expect(encodeEvaluation(fail, contextOf(controller))).rejects.toThrow('cancelled');
  });
});
