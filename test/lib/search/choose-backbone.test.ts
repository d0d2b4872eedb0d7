import { describe, expect, test } from 'vitest';
import { chooseBackbone, nameBackbones } from '../../../lib/search/choose-backbone.ts';
import { lossDifference } from '../../../lib/training/paired-difference.ts';

/** Losses of 16 images around a mean; `noise` moves every second image up and the others down. */
const losses = (mean: number, noise = 0) => Array.from({ length: 16 }, (_, i) => mean + (i % 2 === 0 ? noise : -noise));

describe('the backbone that a job takes', () => {
  const large = { name: 'large', multiplyAdds: 4e9, losses: losses(0.2) };
  test('is the one with the lowest loss where the difference is larger than its standard error', () => {
    const small = { name: 'small', multiplyAdds: 1e9, losses: losses(0.3, 0.1) };
    const { chosen, differences, reason } = chooseBackbone([small, large]);
    expect(chosen).toBe(1);
    expect(differences[0]?.gain).toBeCloseTo(0.1);
    expect(differences[0]?.standardError).toBeCloseTo(0.0258, 4);
    expect(differences[1]).toMatchObject({ gain: 0, standardError: 0 });
    expect(reason).toBe(
      'large has the lowest loss of a linear head on 16 held-out training images (0.200), and no backbone that needs less ' +
        'computation is within one standard error of it.',
    );
  });
  test('is a smaller one within one standard error of the lowest loss', () => {
    const small = { name: 'small', multiplyAdds: 1e9, losses: losses(0.21, 0.1) };
    const { chosen, reason } = chooseBackbone([large, small]);
    expect(chosen).toBe(1);
    expect(reason).toContain(
      'small was chosen: its loss is 0.010 higher, within one standard error (0.026), and it needs 25% of the computation.',
    );
  });
  test('is the smallest of several within one standard error, and never a larger one', () => {
    const smaller = { name: 'smaller', multiplyAdds: 1e9, losses: losses(0.215, 0.1) };
    const middle = { name: 'middle', multiplyAdds: 2e9, losses: losses(0.205, 0.1) };
    const huge = { name: 'huge', multiplyAdds: 9e9, losses: losses(0.2001, 0.1) };
    expect(chooseBackbone([large, middle, smaller, huge]).chosen).toBe(2);
  });
  test('is a smaller one where related images make the difference likely to be chance', () => {
    const small = { name: 'small', multiplyAdds: 1e9, losses: [...new Array(8).fill(0.5), ...new Array(8).fill(0.19)] };
    const videos = [0, 8].map((first) => Array.from({ length: 8 }, (_, frame) => first + frame));
    expect(chooseBackbone([small, large]).chosen, 'of unrelated images').toBe(1);
    expect(chooseBackbone([small, large], { related: videos }).chosen).toBe(0);
  });
  test('is the only one, and where nothing shows what is chance, the one with the lowest loss', () => {
    expect(chooseBackbone([large])).toMatchObject({ chosen: 0 });
    const worse = { name: 'small', multiplyAdds: 1e9, losses: losses(2, 0.1) };
    expect(chooseBackbone([large, worse], { related: [Array.from({ length: 16 }, (_, frame) => frame)] }).chosen).toBe(0);
    const [one, two] = [
      { ...large, losses: [0.2] },
      { name: 'small', multiplyAdds: 1e9, losses: [0.9] },
    ];
    expect(chooseBackbone([one, two]).chosen).toBe(0);
  });
});

describe('weights of images', () => {
  const [frequent, rare] = [Array.from({ length: 12 }, (_, i) => i % 3), Array.from({ length: 4 }, (_, i) => i % 2)];
  const weights = Float64Array.from({ length: 16 }, (_, image) => (image < 12 ? 0.5 : 2.5));
  const small = { name: 'small', multiplyAdds: 1e9, losses: [...frequent.map(() => 0.1), ...rare.map((noise) => 2 + noise)] };
  const large = { name: 'large', multiplyAdds: 4e9, losses: [...frequent.map((noise) => 0.6 + noise), ...rare.map(() => 0.1)] };

  test('decide which loss is the lowest', () => {
    expect(chooseBackbone([small, large]).chosen).toBe(0);
    const { chosen, reason } = chooseBackbone([small, large], { weights });
    expect(chosen).toBe(1);
    expect(reason).toContain('(0.66');
  });

  test('give the standard error of the weighted mean, which that of weighted losses exceeds', () => {
    const [difference] = chooseBackbone([small, large], { weights }).differences;
    expect(difference).toEqual(lossDifference(large.losses, small.losses, { weights }));
    const products = ({ losses }: typeof small) => losses.map((loss, image) => loss * (weights[image] ?? 0));
    const ofProducts = lossDifference(products(large), products(small));
    expect(difference?.gain).toBeCloseTo(ofProducts.gain, 12);
    expect(difference?.standardError).toBeLessThan(ofProducts.standardError);
  });
});

test('a backbone that occurs twice is named with its width and size', () => {
  const twice = [
    { name: 'mobilenet_v2', alpha: 0.5, inputSize: 96 },
    { name: 'mobilenet_v2', alpha: 1, inputSize: [96, 128] as [number, number] },
    { name: 'vgg16', alpha: 1, inputSize: 224 },
  ];
  expect(nameBackbones(twice)).toEqual(['mobilenet_v2 alpha 0.5 at 96x96', 'mobilenet_v2 alpha 1 at 96x128', 'vgg16']);
});
