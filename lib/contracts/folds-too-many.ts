import { SpecError } from '../errors.ts';

/** @param most training and validation images, where those that stay together count once */
export function foldsTooMany(most: number, received: number): SpecError {
  return new SpecError('FOLDS_TOO_MANY', {
    at: 'training.folds',
    expected: `2 to ${most}: there are so many training and validation images, or groups of them that stay together`,
    received,
    fix: 'take fewer folds',
  });
}
