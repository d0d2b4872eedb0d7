import { SpecError } from '../errors.ts';

/**
 * Creates the error for more folds than images.
 * @param most number of training and validation images, counting each group once
 */
export function foldsTooMany(most: number, received: number): SpecError {
  return new SpecError('FOLDS_TOO_MANY', {
    at: 'training.folds',
    expected: `2 to ${most}, the number of training and validation images, or of groups that stay together`,
    received,
    fix: 'use fewer folds',
  });
}
