import type { DatasetReport } from '../contracts/dataset.ts';
import { DataError } from '../errors.ts';

/**
 * Whether a data set is enough to train on at all. An upload only warns of the same: more images may follow.
 * @throws DataError ONE_CLASS_ONLY, CLASS_WITH_ONE_IMAGE
 */
export function checkTrainable({ dataset, classes }: Pick<DatasetReport, 'dataset' | 'classes'>): void {
  if (classes.length < 2) {
    throw new DataError('ONE_CLASS_ONLY', {
      at: dataset,
      expected: 'at least two classes',
      received: `only ${classes.map(({ label }) => JSON.stringify(label)).join()}`,
      fix: 'upload a folder that holds one folder of images for each class',
    });
  }
  const single = classes.filter(({ images }) => images < 2).map(({ label }) => JSON.stringify(label));
  if (single.length > 0) {
    throw new DataError('CLASS_WITH_ONE_IMAGE', {
      at: dataset,
      expected: 'at least two images in each class, one to learn from and one to be judged by',
      received: `one image in ${single.join(', ')}`,
      fix: 'add images to these classes, or leave the classes out',
    });
  }
}
