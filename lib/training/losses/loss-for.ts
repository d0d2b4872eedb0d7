import type { TrainingSpec } from '../../contracts/training-spec.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { binaryFocal } from './binary-focal.ts';
import { categoricalCrossEntropy } from './categorical-cross-entropy.ts';
import { categoricalFocal } from './categorical-focal.ts';
import type { Loss, Task } from './loss.ts';

/** The loss that a training spec asks for, over a softmax or over sigmoids as the task calls for. */
export function lossFor(task: Task, { loss, labelSmoothing }: Pick<TrainingSpec, 'loss' | 'labelSmoothing'>): Loss {
  switch (loss.name) {
    case 'crossEntropy':
      return task === 'single-label' ? categoricalCrossEntropy({ labelSmoothing }) : binaryCrossEntropy({ labelSmoothing });
    case 'focal': {
      const settings = { gamma: loss.gamma, labelSmoothing };
      return task === 'single-label' ? categoricalFocal(settings) : binaryFocal(settings);
    }
  }
}
