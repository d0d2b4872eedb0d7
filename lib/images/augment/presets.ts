import type { AugmentPreset, AugmentStep } from '../../contracts/augment-spec.ts';

/** Augmentations by name, as lists of steps in the form that a user would write. */
const presets: Readonly<Record<AugmentPreset, readonly AugmentStep[]>> = {
  none: [],
  /** Safe for almost any image: a mirror, a slightly different crop, slightly different light. */
  light: [
    { transform: 'flip', horizontal: 0.5, vertical: 0 },
    { transform: 'rotate', factor: 0.03, fill: 'reflect' },
    { transform: 'zoom', factor: 0.1, fill: 'reflect' },
    { transform: 'translate', heightFactor: 0.08, widthFactor: 0.08, fill: 'reflect' },
    { transform: 'brightness', factor: 0.1 },
    { transform: 'contrast', factor: 0.1 },
  ],
  /** For training many layers: random crops, two of RandAugment's changes, and erased rectangles. */
  strong: [
    { transform: 'randomResizedCrop', area: [0.35, 1], aspectRatio: [3 / 4, 4 / 3] },
    { transform: 'flip', horizontal: 0.5, vertical: 0 },
    { transform: 'randAugment', operations: 2, magnitude: 5 },
    { transform: 'erase', probability: 0.25, area: [0.02, 0.2] },
  ],
};

/** Returns the steps of an augmentation, given by name or as a list. */
export function augmentSteps(spec: AugmentPreset | readonly AugmentStep[]): readonly AugmentStep[] {
  return typeof spec === 'string' ? presets[spec] : spec;
}
