import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { leavesOutEnough, mayCompareCrops } from '../../../lib/freezing/may-compare-crops.ts';

test.each<[string, Partial<JobSpecInput>, boolean]>([
  ['strategy auto', {}, true],
  ['--fast', { effort: 'fast' }, true],
  ['a named strategy', { strategy: 'stage-features' }, false],
  ['a freeze', { freeze: 'all' }, false],
  ['a spec that crops', { backbone: { cropToAspectRatio: true } }, false],
  ['a spec that squeezes', { backbone: { cropToAspectRatio: false } }, false],
  ['a one-class model', { task: 'one-class' }, false],
  ['a search over whole backbones', { search: { over: { backbone: [{ name: 'resnet50' }, { name: 'vgg16' }] } } }, false],
  ['a search over input sizes', { search: { over: { 'backbone.inputSize': [96, 224] } } }, false],
  ['a search over heads', { search: { over: { head: ['linear', 'mlp'] } } }, true],
])('cropped images may be compared with squeezed ones: %s', (_, more, may) => {
  expect(mayCompareCrops(JobSpec.parse({ name: 'a', dataset: 'a', ...more }))).toBe(may);
});

test.each([
  ['squares', [100, 100], [224, 224], false],
  ['a hundredth that is left out', [101, 100], [224, 224], false],
  ['photographs', [400, 300], [224, 224], true],
  ['photographs of the aspect ratio of the input', [400, 300], [96, 128], false],
] as const)('a comparison is worth it: %s', (_, [width, height], inputSize, isWorthIt) => {
  expect(leavesOutEnough([{ width, height }], inputSize)).toBe(isWorthIt);
});

test('no image leaves anything out', () => {
  expect(leavesOutEnough([], [224, 224])).toBe(false);
});
