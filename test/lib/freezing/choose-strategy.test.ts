import { describe, expect, it } from 'vitest';
import { type Constraints, chooseStrategy } from '../../../lib/freezing/choose-strategy.ts';
import type { Evidence } from '../../../lib/freezing/evidence.ts';

const means: Constraints = { runtime: 'native' };

function evidence(earlier: number, top: number, more: Partial<Evidence> = {}): Evidence {
  const probes = [
    { stage: 'block1', score: 0.4 },
    { stage: 'block4', score: earlier },
    { stage: 'top', score: top },
  ];
  return {
    trainingImages: 300,
    validationImages: 40,
    classes: 3,
    task: 'single-label',
    probes,
    balancedTop: top,
    probedImages: 300,
    colourDistance: 0.2,
    ...more,
  };
}

describe('chooseStrategy', () => {
  it.each([
    [
      'few and similar',
      evidence(0.8, 0.93),
      'feature-extraction',
      'Few images (300): the top of the backbone classifies them better',
    ],
    ['few and different', evidence(0.85, 0.85), 'fine-tune-top', 'unlike ImageNet'],
    ['few, and an earlier stage knows more', evidence(0.9, 0.75), 'earlier-features', 'block4 (90.0%) classifies them better'],
    ['some and similar', evidence(0.8, 0.9, { trainingImages: 2000 }), 'fine-tune-top', 'so they are like ImageNet'],
    ['many and different', evidence(0.8, 0.8, { trainingImages: 20_000 }), 'fine-tune-all', 'Many images (20000)'],
    ['solved', evidence(0.99, 0.99), 'feature-extraction', 'nothing to gain'],
    ['too few to judge', evidence(0.8, 0.8, { validationImages: 9 }), 'feature-extraction', '9 validation images'],
  ])('%s', (_, found, name, reason) => {
    const choice = chooseStrategy(found, means);
    expect(choice).toMatchObject({ name });
    expect(choice.reason).toContain(reason);
  });

  it('does not call classes that the head does not know a success', () => {
    expect(chooseStrategy(evidence(0.9, 0.99, { balancedTop: 0.6, trainingImages: 900 }), means).name).toBe('fine-tune-top');
  });

  it.each([
    ['98%, which 400 images cannot show', 0.98, 400, 'single-label', 'fine-tune-top'],
    ['98.75% of 400 images, which is more by a standard error', 0.9875, 400, 'single-label', 'feature-extraction'],
    ['98.75% of 60 images', 0.9875, 60, 'single-label', 'fine-tune-top'],
    ['a mean average precision of 0.98', 0.98, 60, 'multi-label', 'feature-extraction'],
  ] as const)('calls %s solved only where it surely is', (_, top, probedImages, task, name) => {
    const choice = chooseStrategy(evidence(0.7, top, { probedImages, task, trainingImages: 900 }), means);
    expect(choice.name).toBe(name);
    if (task === 'multi-label') expect(choice.reason).toContain('has a mean average precision of 0.980, so there is nothing');
  });

  it('lets the head on all stages decide, and no earlier stage', () => {
    expect(chooseStrategy(evidence(0.9, 0.75), { ...means, comparesStages: true }).name).toBe('fine-tune-top');
  });

  it('names the stage at whose end the head begins', () => {
    expect(chooseStrategy(evidence(0.9, 0.75), means).stage).toBe('block4');
  });

  it('freezes all on WebAssembly, and says what makes fine-tuning fast enough', () => {
    const choice = chooseStrategy(evidence(0.85, 0.85), { runtime: 'wasm' });
    expect(choice.name).toBe('feature-extraction');
    expect(choice.reason).toContain('leave GRAFT_TENSORFLOW unset');
  });
});
