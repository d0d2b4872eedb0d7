import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { resolveBackbone } from '../../../lib/estimates/resolve-backbone.ts';
import { testWorld } from '../../support/world.ts';

async function resolved(backbone: JobSpecInput['backbone']): Promise<JobSpec['backbone']> {
  const spec = JobSpec.parse({ name: 'pets', dataset: 'pets', backbone });
  return (await resolveBackbone(spec, testWorld().store)).backbone;
}

test.each([
  ['imagenet', 'efficientnet_lite0', 'bundled'],
  ['imagenet', 'vgg16', 'imagenet'],
  ['none', 'efficientnet_lite0', 'none'],
  [undefined, 'efficientnet_lite0', 'bundled'],
])(
  'the weights %s of %s are %s: those of ImageNet are in the package or at an official address',
  async (weights, name, found) => {
    const wanted = { name, ...(weights !== undefined && { weights }) };
    expect(await resolved(wanted)).toMatchObject({ name, weights: found });
    expect(await resolved({ name: 'auto', candidates: [wanted] })).toMatchObject({ candidates: [{ name, weights: found }] });
  },
);
