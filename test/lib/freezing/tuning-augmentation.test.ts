import { expect, test } from 'vitest';
import type { AugmentStep } from '../../../lib/contracts/augment-spec.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { tuningAugmentation } from '../../../lib/freezing/tuning-augmentation.ts';

const flip: AugmentStep = { transform: 'flip', horizontal: 0.5, vertical: 0 };

function specWith(fineTuning: object, training: object = {}): JobSpec {
  return JobSpec.parse({ name: 'trash', dataset: 'trash', fineTuning, training });
}

const auto = { chosenBy: 'auto', trainingImages: 500 } as const;
const named = { chosenBy: 'user', trainingImages: 500 } as const;
const few = { chosenBy: 'auto', trainingImages: 499 } as const;

test.each([
  ['light for a fine-tuning that strategy auto chose', specWith({}), auto, 'light', true],
  ['none where there are few images', specWith({}), few, 'none', false],
  ['none for a named strategy', specWith({}), named, 'none', false],
  ['those of the training for a named strategy', specWith({}, { augment: 'strong' }), named, 'strong', false],
  ['those of the training for strategy auto', specWith({}, { augment: 'strong' }), auto, 'strong', false],
  ['light where the training has an empty list', specWith({}, { augment: [] }), auto, 'light', true],
  [
    'those of the fine-tuning before those of the training',
    specWith({ augment: [flip] }, { augment: 'strong' }),
    few,
    [flip],
    false,
  ],
  ['none where the fine-tuning says so', specWith({ augment: 'none' }, { augment: 'strong' }), auto, 'none', false],
])('the transforms are %s', (_, spec, facts, augmentation, isAutoAugmentation) => {
  expect(tuningAugmentation(spec, facts)).toEqual({ augmentation, isAutoAugmentation });
});
