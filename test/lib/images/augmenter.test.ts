import { describe, expect, it } from 'vitest';
import { augmentImage, variantStream } from '../../../lib/images/augment.ts';
import { type ImageVariant, openAugmenter } from '../../../lib/images/augmenter.ts';

const size = [24, 20] as const;
const pixels = (): Float32Array => Float32Array.from({ length: 24 * 20 * 3 }, (_, i) => (i * i) % 256);
const variant = (number: number): ImageVariant => ({ augmentation: 'strong', size, seed: 3, image: 'abc', variant: number });

describe('an augmenter', () => {
  it.each([0, 1, 2])('gives the same bits with %i threads, each variant to whoever asked for it', async (threads) => {
    const augmenter = openAugmenter({ threads });
    const numbers = [5, 1, 4, 2, 3, 1];
    const made = await Promise.all(numbers.map((number) => augmenter.augment(pixels(), variant(number))));
    const expected = numbers.map((number) => augmentImage(pixels(), size, 'strong', variantStream(3, 'abc', number)));
    expect(made).toEqual(expected);
    await augmenter.close();
  });

  it('takes a view into a larger array, and leaves the rest of it', async () => {
    const augmenter = openAugmenter({ threads: 1 });
    const batch = new Float32Array(2 * pixels().length).fill(7);
    batch.set(pixels());
    const made = await augmenter.augment(batch.subarray(0, pixels().length), variant(1));
    expect(made).toEqual(augmentImage(pixels(), size, 'strong', variantStream(3, 'abc', 1)));
    expect(batch.at(-1)).toBe(7);
    await augmenter.close();
  });

  it('says so when its thread ends, to all who wait and to whoever asks later', async () => {
    const augmenter = openAugmenter({ threads: 1 });
    const broken = { ...variant(1), augmentation: 'no such preset' as 'none' };
    const waiting = [augmenter.augment(pixels(), broken), augmenter.augment(pixels(), variant(1))];
    for (const each of await Promise.allSettled(waiting)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'AUGMENT_WORKER_EXITED', retryable: true } });
    }
    await expect(augmenter.augment(pixels(), variant(1))).rejects.toMatchObject({ code: 'AUGMENT_WORKER_EXITED' });
    await augmenter.close();
  });
});
