import { describe, expect, it } from 'vitest';
import { checkTrainable } from '../../../lib/datasets/check-trainable.ts';

describe('checkTrainable', () => {
  it('takes two classes of two images', () => {
    expect(() => checkTrainable({ dataset: 'pets', classes: classes({ cat: 2, dog: 2 }) })).not.toThrow();
  });

  it.each([
    { name: 'one class', counts: { cat: 9 }, code: 'ONE_CLASS_ONLY', says: '"cat"' },
    { name: 'a class with one image', counts: { cat: 9, dog: 1, emu: 1 }, code: 'CLASS_WITH_ONE_IMAGE', says: '"dog", "emu"' },
  ])('refuses $name', ({ counts, code, says }) => {
    expect(() => checkTrainable({ dataset: 'pets', classes: classes(counts) })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });
});

function classes(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([label, images]) => ({ label, images }));
}
