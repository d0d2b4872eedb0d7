import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AugmentPreset, AugmentSpec, AugmentStep } from '../../../lib/contracts/augment-spec.ts';
import { type Augmentation, augmentImage, variantName, variantStream } from '../../../lib/images/augment.ts';
import type { ImageSize } from '../../../lib/images/resize-bilinear.ts';
import { randomStream } from '../../../lib/random.ts';
import { readImage } from '../../support/datasets/read-image.ts';
import { readFixture } from '../../support/fixtures.ts';

const size: ImageSize = [40, 48];
const photo = await readImage(await readFixture('trash/glass/glass119.jpg'), { inputSize: size });
const augmented = (spec: unknown, variant = 1): Float32Array =>
  augmentImage(photo, size, AugmentSpec.parse(spec), variantStream(0, 'photo', variant));

/** Each transform, at a strength at which it is seen. */
const steps: Readonly<Record<AugmentStep['transform'], object>> = {
  flip: { horizontal: 1 },
  rotate: { factor: 0.2 },
  zoom: { factor: 0.5 },
  translate: { heightFactor: 0.3, widthFactor: 0.3 },
  shear: { factor: 0.5 },
  randomResizedCrop: {},
  brightness: { factor: 0.5 },
  contrast: { factor: 0.9 },
  saturation: { factor: 0.9 },
  hue: { factor: 0.5 },
  erase: { probability: 1 },
  randAugment: { operations: 4, magnitude: 10 },
};
const each = Object.entries(steps).map(([transform, settings]) => ({ transform, ...settings }));

describe('augmentImage', () => {
  it.each(each)('changes the image by $transform, otherwise in each variant, and the same each time', (step) => {
    const first = augmented([step], 1);
    expect(first).not.toEqual(photo);
    expect(augmented([step], 1)).toEqual(first);
    if (step.transform !== 'flip') expect(augmented([step], 2)).not.toEqual(first);
  });

  const still = [
    { transform: 'flip', horizontal: 0 },
    { transform: 'rotate', factor: 0 },
    { transform: 'zoom', factor: 0 },
    { transform: 'translate', heightFactor: 0, widthFactor: 0 },
    { transform: 'shear', factor: 0 },
    { transform: 'brightness', factor: 0 },
    { transform: 'saturation', factor: 0 },
    { transform: 'hue', factor: 0 },
    { transform: 'erase', probability: 0 },
    { transform: 'randAugment', operations: 0 },
  ];
  it.each([...still.map((step) => [step]), still, 'none'])('gives the same bits at no strength: %o', (spec) => {
    const same = augmented(spec);
    expect(same).not.toBe(photo);
    expect(same).toEqual(photo);
  });

  it('leaves the pixels that it was given as they are', () => {
    const before = photo.slice();
    augmented(each);
    expect(photo).toEqual(before);
  });

  it('keeps every value a number of 0 to 255, whatever the image, its size and the steps', () => {
    const side = fc.integer({ min: 1, max: 12 });
    const list = fc.array(fc.constantFrom(...each), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.oneof(list, fc.constantFrom(...AugmentPreset.options)),
        fc.nat(),
        (height, width, spec, seed) => {
          const { next } = randomStream(seed, 'pixels');
          const pixels = Float32Array.from({ length: height * width * 3 }, () => Math.round(255 * next()));
          const variant = augmentImage(pixels, [height, width], AugmentSpec.parse(spec), randomStream(seed));
          expect(variant).toHaveLength(pixels.length);
          expect(variant.every((value) => value >= 0 && value <= 255)).toBe(true);
        },
      ),
    );
  });

  it('samples once where several steps in a row move pixels', () => {
    const there = { transform: 'flip', horizontal: 1 };
    const back = [
      there,
      there,
      { transform: 'flip', horizontal: 0, vertical: 1 },
      { transform: 'flip', horizontal: 0, vertical: 1 },
    ];
    expect(augmented(back)).toEqual(photo);
  });

  it('mirrors about as many variants as it leaves', () => {
    const mirrored = Array.from({ length: 400 }, (_, variant) => augmented([{ transform: 'flip' }], variant)).filter(
      (variant) => variant[0] !== photo[0],
    );
    expect(mirrored.length).toBeGreaterThan(160);
    expect(mirrored.length).toBeLessThan(240);
  });

  it('fills what lies beyond with the mirrored image, or with black where that is wanted', () => {
    const gray = new Float32Array(photo.length).fill(90);
    const away = { transform: 'rotate', factor: 0.125 };
    const values = (spec: unknown): Set<number> =>
      new Set(augmentImage(gray, size, AugmentSpec.parse(spec), randomStream(3)).map(Math.round));
    expect(values([away])).toEqual(new Set([90]));
    expect(values([{ ...away, fill: 'constant' }])).toContain(0);
  });
});

describe('variantName', () => {
  const spec = (steps: unknown): Augmentation => AugmentSpec.parse(steps);

  it('differs by what is drawn and by the variant, and is the same for the same steps', () => {
    const names = [
      variantName('light', 1),
      variantName('light', 2),
      variantName('strong', 1),
      variantName('light', 1, 7),
      variantName(spec([{ transform: 'rotate', factor: 0.1 }]), 1),
      variantName(spec([{ transform: 'rotate', factor: 0.2 }]), 1),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(variantName(spec([{ transform: 'rotate', factor: 0.1, fill: 'reflect' }]), 1)).toBe(names[4]);
    expect(names.every((name) => /^[a-z0-9-]+$/.test(name))).toBe(true);
  });

  it('is the same for all variants where nothing is changed', () => {
    expect(variantName('none', 3)).toBe(variantName([], 0));
  });
});

describe('AugmentStep', () => {
  it.each([
    { name: 'an unknown transform', step: { transform: 'swirl' } },
    { name: "another transform's setting", step: { transform: 'hue', factor: 0.1, fill: 'reflect' } },
    { name: 'a hue of more than half a circle', step: { transform: 'hue', factor: 0.6 } },
    { name: 'a zoom to nothing', step: { transform: 'zoom', factor: 1 } },
    { name: 'a range from more to less', step: { transform: 'erase', area: [0.5, 0.1] } },
  ])('refuses $name', ({ step }) => {
    expect(AugmentStep.safeParse(step).success).toBe(false);
  });
});
