import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import { errorJson } from '../../../errors.ts';
import type { Log } from '../../../ports.ts';
import { clipGradients } from './clip-gradients.ts';
import { floatsFor } from './float-arrays.ts';
import { ruleOf } from './update-share.ts';
import { openUpdateThreads } from './update-threads.ts';

/** One variable under training, and its layer. Its arrays change in place. */
interface TrainedVariable {
  readonly name: string;
  readonly layer: string;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

/** A slot of a variable, which changes in place. */
export interface Slot {
  readonly variable: string;
  readonly values: Float32Array;
}

/** Updates variables by their gradients, in place and in float64. */
export interface ArrayOptimizer {
  /** Number of steps. */
  iterations: number;
  /** The state between steps, by name (`velocity/head_dense_1/kernel`). */
  readonly slots: ReadonlyMap<string, Slot>;
  /**
   * One step, in the order of Keras 3: clip, decay, update. Clipping changes the gradients in place.
   * @throws RuntimeError UPDATE_THREAD_LOST
   */
  step(rateOf: (variable: TrainedVariable) => number): void;
  /** Ends its threads. */
  close(): void;
}

export interface ArrayOptimizerOptions {
  /** As `updateThreadCount` counts them. */
  readonly threads: number;
  readonly log?: Log;
}

/**
 * Creates the optimizer of a spec. Its slots have the names of the engine for TensorFlow.
 * @param variables with more than one thread, their arrays are shared (`sharedFloats`)
 */
export function arrayOptimizer(
  spec: OptimizerSpec,
  variables: readonly TrainedVariable[],
  { threads, log = () => {} }: ArrayOptimizerOptions,
): ArrayOptimizer {
  const newArray = floatsFor(threads);
  const starts = Object.entries(ruleOf(spec).slots);
  const arrays = variables.map(({ values, gradient }) => ({
    values,
    gradient,
    slots: Object.fromEntries(starts.map(([slot, start]) => [slot, newArray(values.length).fill(start)])),
  }));
  const slots = new Map(
    variables.flatMap(({ name }, i) =>
      Object.entries(arrays[i]?.slots ?? {}).map(([slot, values]) => [`${slot}/${name}`, { variable: name, values }] as const),
    ),
  );
  const gradients = variables.map(({ gradient }) => gradient);
  const onFailure = (error: unknown): void => log('update-thread.failed', { error: errorJson(error) });
  const update = openUpdateThreads(spec, arrays, { count: threads, onFailure });
  return {
    iterations: 0,
    slots,
    step(rateOf) {
      this.iterations += 1;
      clipGradients(gradients, spec);
      update.step(variables.map(rateOf), this.iterations);
    },
    close: () => update.close(),
  };
}
