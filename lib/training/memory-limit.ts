import type { TrainingSpec } from '../contracts/training-spec.ts';
import { CapacityError } from '../errors.ts';

/** How many examples a step has, and in how many batches. */
export type Step = Pick<TrainingSpec, 'batchSize' | 'gradientAccumulation'>;

/** Memory that a step needs and that is not available, in bytes. */
export interface Shortage {
  /** What has too little: `WebAssembly`, `TensorFlow` or `this process`. */
  readonly of: string;
  readonly needed: number;
  readonly there: number;
}

/**
 * Checks that a step fits into memory.
 * @param shortageOf returns what a step lacks, or undefined if it fits
 * @throws CapacityError MEMORY_TOO_SMALL, which names the largest power of two that fits as a batch size
 */
export function checkStepFits(step: Step, shortageOf: (step: Step) => Shortage | undefined): void {
  const found = shortageOf(step);
  if (found === undefined) return;
  const smaller = smallerSteps(step).find((each) => shortageOf(each) === undefined);
  throw new CapacityError('MEMORY_TOO_SMALL', {
    at: 'training.batchSize',
    expected: `at most ${gibibytes(found.there)} for ${found.of}`,
    received: `${step.batchSize}, which takes ${gibibytes(found.needed)}`,
    fix:
      smaller === undefined
        ? 'freeze more of the backbone, take smaller images, or a machine with more memory'
        : `set training.batchSize to ${smaller.batchSize}, and training.gradientAccumulation to ` +
          `${smaller.gradientAccumulation} for steps of as many examples`,
  });
}

/** Steps with the same number of examples in smaller batches, powers of two, the largest first. */
function smallerSteps({ batchSize, gradientAccumulation }: Step): Step[] {
  const steps: Step[] = [];
  for (let size = 2 ** Math.ceil(Math.log2(batchSize) - 1); size >= 1; size /= 2) {
    steps.push({ batchSize: size, gradientAccumulation: Math.ceil((batchSize * gradientAccumulation) / size) });
  }
  return steps;
}

export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
