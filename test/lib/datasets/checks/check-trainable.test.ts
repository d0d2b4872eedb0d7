import { describe, expect, it } from 'vitest';
import { checkTrainable } from '../../../../lib/datasets/checks/check-trainable.ts';

const pets = { dataset: 'pets', task: 'single-label' } as const;

describe('checkTrainable', () => {
  it('takes two classes of two images', () => {
    expect(() => checkTrainable({ ...pets, classes: classes({ cat: 2, dog: 2 }), accepted: 4 })).not.toThrow();
  });

  it('takes one class, which gives a detector', () => {
    expect(() => checkTrainable({ ...pets, classes: classes({ cat: 20 }), accepted: 20 })).not.toThrow();
  });

  it.each([
    { name: 'one label that some images lack', task: 'multi-label', counts: { cat: 9 }, code: 'ONE_CLASS_ONLY', says: '"cat"' },
    {
      name: 'a class with one image',
      task: 'single-label',
      counts: { cat: 9, dog: 1, emu: 1 },
      code: 'CLASS_WITH_ONE_IMAGE',
      says: '"dog", "emu"',
    },
  ] as const)('refuses $name', ({ task, counts, code, says }) => {
    expect(() => checkTrainable({ ...pets, task, classes: classes(counts), accepted: 9 })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });

  it.each([
    { split: { train: 0, validation: 1, test: 3 }, isRefused: true },
    { split: { train: 0, validation: 0, test: 3 }, isRefused: false },
    { split: { train: 1, validation: 0, test: 3 }, isRefused: false },
  ])('refuses a given split that leaves nothing to train on: $split of four', ({ split, isRefused }) => {
    const check = () => checkTrainable({ ...pets, classes: classes({ cat: 2, dog: 2 }), accepted: 4, split });
    if (isRefused) expect(check).toThrow(expect.objectContaining({ code: 'SPLIT_WITHOUT_TRAIN' }));
    else expect(check).not.toThrow();
  });
});

function classes(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).map(([label, images]) => ({ label, images }));
}
