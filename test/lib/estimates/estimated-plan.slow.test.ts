import { describe, expect, test } from 'vitest';
import { type FreezeSpec, JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { planOptions } from '../../../lib/estimates/plan-options.ts';
import { trainedStages } from '../../../lib/freezing/cut-plan.ts';
import { openTail } from '../../../lib/freezing/open-tail.ts';
import { planStrategy } from '../../../lib/freezing/plan-strategy.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { testWorld } from '../../support/world.ts';

useTensorFlow();

const backbones = [
  { name: 'efficientnet_lite0', inputSize: 32 },
  { name: 'mobilenet', alpha: 0.25, inputSize: 32 },
  { name: 'mobilenet_v3_small', inputSize: 32 },
  { name: 'resnet50', inputSize: 32 },
  { name: 'densenet121', inputSize: 32 },
  { name: 'vgg16', inputSize: 32 },
];
const strategies = ['feature-extraction', 'earlier-features', 'fine-tune-top', 'fine-tune-all'] as const;
const freezes: FreezeSpec[] = [
  'all',
  'none',
  { stages: 0 },
  { stages: 3 },
  { layers: '.*' },
  { layers: '.*_(bn|pool)' },
  { layers: '(stem|conv1|conv_|block1|block2|conv2|Conv_1).*' },
  { layers: '.*(conv|Conv|pw|dw).*' },
];

describe.each(backbones)('$name', (backbone) => {
  test.each<Partial<JobSpecInput>>([...strategies.map((strategy) => ({ strategy })), ...freezes.map((freeze) => ({ freeze }))])(
    'is estimated as it trains: %j',
    async (asked) => {
      const spec = JobSpec.parse({ name: 'cats', dataset: 'cats', backbone: { ...backbone, weights: 'none' }, ...asked });
      const [{ plan: estimated }, ...others] = planOptions(spec, {
        trainingImages: 210,
        validationImages: 30,
        runtime: 'native',
      });
      expect(others).toEqual([]);
      const gather = () => expect.unreachable('nothing is chosen by evidence');
      const planned = await planStrategy(spec, { trainingImages: 210, classes: 5, runtime: 'wasm', gather });
      const tail = await openTail(spec.backbone, planned, testWorld().store);

      expect(estimated.cut).toEqual(planned.cut);
      expect({ ...planned }).toMatchObject({ ...estimated });
      const learning = tail?.layers.filter((layer) => layer.trainable && layer.weights.length > 0) ?? [];
      expect(trainedStages(estimated, spec.backbone).flat().sort()).toEqual(learning.map(({ name }) => name).sort());
      // Of the layers themselves: all that have weights behind the cut, but for those that are frozen by name and
      // BatchNormalization.
      const expected = (tail?.layers ?? []).filter(
        (layer) => layer.weights.length > 0 && layer.getClassName() !== 'BatchNormalization' && !planned.frozen.has(layer.name),
      );
      expect(learning).toEqual(expected);
      tail?.dispose();
    },
  );
});
