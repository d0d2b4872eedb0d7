import { DataError } from '../../errors.ts';
import type { Dataset } from '../versions/dataset-store.ts';
import { countGroups } from './assign-folds.ts';
import type { Split } from './split-dataset.ts';

/**
 * Checks that a split has images to train on and to validate on, without which no metric of a training is a number.
 * @throws DataError SPLIT_WITHOUT_TRAIN, SPLIT_WITHOUT_VALIDATION
 */
export function checkSplit({ train, validation, test }: Split, dataset: Pick<Dataset, 'name' | 'rows'>): void {
  if (train.length === 0) {
    throw new DataError('SPLIT_WITHOUT_TRAIN', {
      at: dataset.name,
      expected: 'images to train on',
      received: `${validation.length} of validation and ${test.length} of test; related images stay in one set`,
      fix: 'assign some images to train, add images, or give related images several groups in the manifest',
    });
  }
  if (validation.length === 0) {
    throw new DataError('SPLIT_WITHOUT_VALIDATION', {
      at: dataset.name,
      expected: 'a group of related images to validate on, without which each label still has images to train on',
      received: `${train.length} training images in ${countGroups(dataset, train)} groups, and ${test.length} test images`,
      fix: 'add images, assign some to validation in the manifest, or give related images several groups',
    });
  }
}
