import { describe, expect, test } from 'vitest';
import type { JobRecord } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { encodeEvaluation } from '../../../lib/pipeline/score-evaluation.ts';
import { decodeScores } from '../../../lib/reports/measure/scored-images.ts';
import { beginPublishing } from '../../support/begin-publishing.ts';
import { factsFor } from '../../support/scored-model.ts';
import { drawScores } from '../../support/scores.ts';
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
