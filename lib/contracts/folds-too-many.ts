import { SpecError } from '../errors.ts';

/** @param most training and validation images */
export function foldsTooMany(most: number, received: number): SpecError {
  return new SpecError('FOLDS_TOO_MANY', {
    at: 'training.folds',
    expected: `2 to ${most}, as there are training and validation images`,
    received,
    fix: 'take fewer folds',
  });
}
