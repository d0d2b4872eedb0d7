/** Losses as plain data; an engine has the formula of each name. */
import type { TrainingSpec } from '../../contracts/training-spec.ts';

export type Task = 'single-label' | 'multi-label';

/** A loss between logits [n, classes] and targets [n, classes]. */
export interface Loss {
  readonly kind: 'crossEntropy' | 'focal';
  /** Softmax over exclusive classes, or one sigmoid per class. */
  readonly task: Task;
  /** Moves targets towards the uniform distribution, as in Keras; 0 to 1. */
  readonly labelSmoothing: number;
  /** For the focal loss: how strongly the weight of well classified examples falls. */
  readonly gamma: number;
  /** For several heads in one: the share of the examples that each head trains on (`parallelLoss`). */
  readonly shares?: readonly number[];
}

type Settings = Partial<Pick<Loss, 'labelSmoothing' | 'gamma'>>;

/** Cross-entropy of a softmax over the classes, from logits: one class per example. */
export function categoricalCrossEntropy({ labelSmoothing = 0 }: Settings = {}): Loss {
  return { kind: 'crossEntropy', task: 'single-label', labelSmoothing, gamma: 0 };
}

/** Cross-entropy of one sigmoid per class, from logits: any number of classes per example. */
export function binaryCrossEntropy({ labelSmoothing = 0 }: Settings = {}): Loss {
  return { kind: 'crossEntropy', task: 'multi-label', labelSmoothing, gamma: 0 };
}

/** Focal loss (Lin et al., arXiv:1708.02002) of a softmax over the classes: Keras's CategoricalFocalCrossentropy. */
export function categoricalFocal({ gamma = 2, labelSmoothing = 0 }: Settings = {}): Loss {
  return { kind: 'focal', task: 'single-label', labelSmoothing, gamma };
}

/** Focal loss of one sigmoid per class: Keras's BinaryFocalCrossentropy without class balancing. */
export function binaryFocal({ gamma = 2, labelSmoothing = 0 }: Settings = {}): Loss {
  return { kind: 'focal', task: 'multi-label', labelSmoothing, gamma };
}

/** The loss of a training spec, over a softmax or over sigmoids depending on the task. */
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

/** All targets of an example have this value in the columns of a head that must not train on it. */
export const EXCLUDED = -1;

/**
 * The loss of several heads in one: each has `classes` columns of the logits, one head after the other, and trains on
 * the examples that are not excluded for it. An optimizer that adapts each weight separately trains each head as if it
 * were alone.
 * @param shares of the examples that each head trains on; its mean is over those
 */
export function parallelLoss(base: Loss, shares: readonly number[]): Loss {
  return { ...base, shares };
}

/** A stable name of the loss, to compare checkpoints. */
export function nameOfLoss({ kind, task, shares }: Loss): string {
  const family = task === 'single-label' ? 'categorical' : 'binary';
  const name = `${family}${kind === 'focal' ? 'Focal' : 'CrossEntropy'}`;
  return shares === undefined ? name : `${name} of ${shares.length} heads`;
}
