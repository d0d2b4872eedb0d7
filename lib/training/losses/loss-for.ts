import type { TrainingSpec } from '../../contracts/training-spec.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { categoricalCrossEntropy } from './categorical-cross-entropy.ts';
import type { Loss, Task } from './loss.ts';

/** The loss that a task calls for, as the training spec wants it. */
export function lossFor(task: Task, { labelSmoothing }: Pick<TrainingSpec, 'labelSmoothing'>): Loss {
  return task === 'single-label' ? categoricalCrossEntropy({ labelSmoothing }) : binaryCrossEntropy({ labelSmoothing });
}
