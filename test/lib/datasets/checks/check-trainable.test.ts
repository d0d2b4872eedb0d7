import { expect, it } from 'vitest';
import { checkTrainable } from '../../../../lib/datasets/checks/check-trainable.ts';

it('names what each class needs, and lists no more than twenty classes, the smallest first', () => {
  const classes = Array.from({ length: 100 }, (_, number) => ({ label: `class ${number}`, images: number === 99 ? 1 : 4 }));
  const report = { dataset: 'many', classes, accepted: 500, unlabelled: 103, task: 'single-label' as const };
  let thrown: unknown;
  try {
    checkTrainable(report);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    code: 'LABELS_TOO_FEW',
    expected: 'at least two classes, and at least two labelled images of each class',
    received: expect.stringMatching(/^397 of 500 images labelled: 1 "class 99", 4 "class 0", .* and 80 more$/),
  });
});
