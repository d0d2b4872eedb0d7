import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { checkBackbonePrecision } from '../../../lib/estimates/check-backbone-precision.ts';

const specOf = ({ backbone, ...more }: Partial<JobSpecInput>, precision: 'float32' | 'int8' = 'int8') =>
  JobSpec.parse({ name: 'parts', dataset: 'parts', task: 'single-label', ...more, backbone: { ...backbone, precision } });

test.each<{ name: string; more: Partial<JobSpecInput> }>([
  { name: 'effort fast', more: { effort: 'fast' } },
  { name: 'strategy feature-extraction', more: { strategy: 'feature-extraction', head: 'mlp' } },
  { name: 'strategy stage-features', more: { strategy: 'stage-features' } },
  { name: 'strategy earlier-features', more: { strategy: 'earlier-features' } },
  { name: 'freeze "all"', more: { freeze: 'all' } },
  { name: 'all stages frozen', more: { freeze: { through: 'top' } } },
  {
    name: 'a model of your own that stays frozen',
    more: { strategy: 'feature-extraction', backbone: { name: 'own', own: { sha256: 'a'.repeat(64) } } },
  },
])('int8 with $name is taken', ({ more }) => {
  expect(() => checkBackbonePrecision(specOf(more))).not.toThrow();
});

test.each<{ name: string; more: Partial<JobSpecInput>; received: string }>([
  { name: 'strategy auto, which may fine-tune', more: {}, received: 'strategy auto' },
  { name: 'effort best', more: { effort: 'best' }, received: 'strategy auto' },
  { name: 'strategy fine-tune-top', more: { strategy: 'fine-tune-top' }, received: 'strategy fine-tune-top' },
  { name: 'strategy fine-tune-all', more: { strategy: 'fine-tune-all' }, received: 'strategy fine-tune-all' },
  { name: 'freeze "none"', more: { freeze: 'none' }, received: 'a freeze' },
  { name: 'a freeze up to a stage', more: { freeze: { through: 'block5' } }, received: 'a freeze' },
  { name: 'a comparison of backbones', more: { effort: 'fast', backbone: { name: 'auto' } }, received: 'a comparison' },
  { name: 'a search', more: { effort: 'fast', search: { trials: 2 } }, received: 'a search' },
  { name: 'a one-class model', more: { effort: 'fast', task: 'one-class' }, received: 'the task one-class' },
])('int8 with $name is refused, and float32 is not', ({ more, received }) => {
  expect(() => checkBackbonePrecision(specOf(more))).toThrow(
    expect.objectContaining({
      code: 'BACKBONE_PRECISION_INCOMPATIBLE',
      at: 'backbone.precision',
      received: expect.stringContaining(received),
    }),
  );
  expect(() => checkBackbonePrecision(specOf(more, 'float32'))).not.toThrow();
});
