import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { modelNameFor } from '../../../lib/contracts/model-name.ts';
import { resolveSpec } from '../../../lib/estimates/resolve-spec.ts';
import { testWorld } from '../../support/world.ts';

test.each([
  ['flowers', 'flowers'],
  ['imagenet', 'imagenet'],
  ['imagenet-v2', 'imagenet-v2'],
  ['imagenet.v2', 'imagenet-v2'],
  ['imagenet.vgg16', 'imagenet-vgg16'],
])('a data set %s trains the model %s', (dataset, model) => {
  expect(modelNameFor(dataset)).toBe(model);
});

test.each(['imagenet.vgg16', 'imagenet.v2'])('a job for the model %s is refused, but its record can be read', async (name) => {
  const spec = JobSpec.parse({ name, dataset: 'flowers' });
  await expect(resolveSpec(spec, testWorld().store)).rejects.toMatchObject({
    code: 'MODEL_NAME_RESERVED',
    at: 'name',
    received: name,
  });
});
