import { expect, test } from 'vitest';
import { storeOwnModel } from '../../../lib/backbones/own/own-store.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { encoderBytes } from '../../support/weights/own-models.ts';
import { testWorld } from '../../support/world.ts';

async function resolve(wishes: Partial<JobSpecInput>, stored: boolean): Promise<unknown> {
  const { store } = testWorld();
  const sha256 = stored ? await storeOwnModel(encoderBytes('vit'), store) : 'a'.repeat(64);
  const backbone = { name: 'own', own: { sha256 } };
  return resolveSpec(
    JobSpec.parse({ name: 'example', dataset: 'example', backbone, training: { optimizer: { name: 'adam' } }, ...wishes }),
    store,
  );
}

test.each<[about: string, wishes: Partial<JobSpecInput>]>([
  ['a strategy that cuts it at a stage', { strategy: 'earlier-features' }],
  ['a number of stages', { freeze: { stages: 1 } }],
  ['a pattern of layers', { freeze: { layers: 'block.*' } }],
  ['an effort that fine-tunes stages', { effort: 'best' }],
])("a model of one's own has no stages: %s is refused", async (_, wishes) => {
  await expect(resolve(wishes, true)).rejects.toMatchObject({ code: 'OWN_MODEL_FROZEN' });
});

test('a model that was not imported is refused before a job is made', async () => {
  await expect(resolve({}, false)).rejects.toMatchObject({ code: 'OWN_MODEL_NOT_FOUND', at: 'backbone.own.sha256' });
});

test.each<[about: string, head: JobSpecInput['head']]>([
  ['with a pooling', 'linear'],
  ['of dense layers alone', [{ layer: 'dense', units: 8 }]],
  ['of nothing', []],
])('every head fits on its vectors: one %s', async (_, head) => {
  // All is well until the data set is looked up.
  await expect(resolve({ head }, true)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
});
