import { describe, expect, it } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { checkOneClass } from '../../../lib/estimates/check-one-class.ts';

const parts = { dataset: 'parts', accepted: 100 };
const specOf = (more: Partial<JobSpecInput>) => JobSpec.parse({ name: 'parts', dataset: 'parts', ...more });

describe('checkOneClass', () => {
  it.each<{ name: string; more: Partial<JobSpecInput> }>([
    { name: 'no member', more: {} },
    { name: 'the strategy that keeps the backbone frozen', more: { strategy: 'feature-extraction' } },
    {
      name: 'a backbone, a seed, a split and a rate',
      more: { backbone: { name: 'vgg16' }, training: { seed: 3 }, novelty: { rate: 0.1 } },
    },
  ])('takes a spec with $name', ({ more }) => {
    expect(() => checkOneClass(specOf(more), parts)).not.toThrow();
  });

  it.each<{ at: string; more: Partial<JobSpecInput> }>([
    { at: 'strategy', more: { strategy: 'fine-tune-top' } },
    { at: 'freeze', more: { freeze: 'none' } },
    { at: 'effort', more: { effort: 'best' } },
    { at: 'head', more: { head: 'mlp' } },
    { at: 'search', more: { search: { trials: 4 } } },
    { at: 'novelty', more: { novelty: null } },
    { at: 'backbone.name', more: { backbone: { name: 'auto' } } },
    { at: 'backbone.name', more: { backbone: { name: 'own', own: { sha256: 'a'.repeat(64) } } } },
    { at: 'backbone.name', more: { backbone: { name: 'model:parts@2' } } },
    { at: 'training.epochs', more: { training: { epochs: 77 } } },
    { at: 'training.augment', more: { training: { augment: 'strong' } } },
    { at: 'fineTuning.epochs', more: { fineTuning: { epochs: 77 } } },
  ])('refuses $at, which a detector has no use for', ({ at, more }) => {
    expect(() => checkOneClass(specOf(more), parts)).toThrow(expect.objectContaining({ code: 'ONE_CLASS_INCOMPATIBLE', at }));
  });

  it.each([
    { accepted: 24, rate: 0.05, isRefused: true },
    { accepted: 25, rate: 0.05, isRefused: false },
    { accepted: 100, rate: 0.01, isRefused: true },
    { accepted: 124, rate: 0.01, isRefused: false },
  ])('needs images to choose the threshold from: $accepted for a rate of $rate', ({ accepted, rate, isRefused }) => {
    const check = () => checkOneClass(specOf({ novelty: { rate } }), { ...parts, accepted });
    if (isRefused) expect(check).toThrow(expect.objectContaining({ code: 'ONE_CLASS_TOO_SMALL' }));
    else expect(check).not.toThrow();
  });
});
