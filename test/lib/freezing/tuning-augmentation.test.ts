import { expect, test } from 'vitest';
import type { AugmentStep } from '../../../lib/contracts/augment-spec.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { tuningAugmentation } from '../../../lib/freezing/tuning-augmentation.ts';

const flip: AugmentStep = { transform: 'flip', horizontal: 0.5, vertical: 0 };

function specWith(fineTuning: object, training: object = {}): JobSpec {
  return JobSpec.parse({ name: 'trash', dataset: 'trash', fineTuning, training });
}

test.each([
  ['light for a fine-tuning that strategy auto chose', specWith({}), true, 'light', true],
  ['none for a named strategy', specWith({}), false, 'none', false],
  ['those of the training for a named strategy', specWith({}, { augment: 'strong' }), false, 'strong', false],
  ['those of the training for strategy auto', specWith({}, { augment: 'strong' }), true, 'strong', false],
  ['light where the training has an empty list', specWith({}, { augment: [] }), true, 'light', true],
  [
    'those of the fine-tuning before those of the training',
    specWith({ augment: [flip] }, { augment: 'strong' }),
    true,
    [flip],
    false,
  ],
  ['none where the fine-tuning says so', specWith({ augment: 'none' }, { augment: 'strong' }), true, 'none', false],
])('the transforms are %s', (_, spec, isTuningChosen, augmentation, isChosen) => {
  expect(tuningAugmentation(spec, isTuningChosen)).toEqual({ augmentation, isChosen });
});
