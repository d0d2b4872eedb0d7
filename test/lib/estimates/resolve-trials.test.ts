import { expect, test } from 'vitest';
import { storeOwnModel } from '../../../lib/backbones/own/own-store.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { resolveTrials } from '../../../lib/estimates/resolve-spec.ts';
import { encoderBytes } from '../../support/weights/own-models.ts';
import { testWorld } from '../../support/world.ts';

const parse = (members: Partial<JobSpecInput>) =>
  JobSpec.parse({ name: 'example', dataset: 'example', task: 'single-label', ...members });

test.each<[members: Partial<JobSpecInput>, over: Record<string, unknown[]>, at: string]>([
  [{ effort: 'fast' }, { head: ['mlp'] }, 'search.over.head'],
  [{ strategy: 'stage-features' }, { head: ['cosine'] }, 'search.over.head'],
  [{ effort: 'fast' }, { 'training.labelSmoothing': [0.1] }, 'search.over.training.labelSmoothing'],
  [{ head: 'mlp' }, { strategy: ['stage-features'] }, 'head'],
])('a trial of %j over %j would need steps, and is refused', async (members, over, at) => {
  const spec = parse({ ...members, search: { over } });
  await expect(resolveTrials(spec, testWorld().store)).rejects.toMatchObject({ code: 'CLOSED_FORM_UNSUPPORTED', at });
});

test("a search with effort fast on a model of one's own tries the strategy that is written out", async () => {
  const { store } = testWorld();
  const own = { sha256: await storeOwnModel(encoderBytes('vit'), store) };
  const search = { over: { 'training.classWeights': ['none', 'balanced'] } };
  const resolved = parse({ backbone: { name: 'own', own }, effort: 'fast', strategy: 'stage-features', search });
  const trials = await resolveTrials(resolved, store);
  expect(trials.length).toBeGreaterThan(1);
  for (const { spec } of trials) expect(spec).toMatchObject({ effort: 'fast', strategy: 'stage-features' });
});
