import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { product } from '../arithmetic.ts';
import { TrainingRuntime } from '../contracts/compute.ts';
import { CapacityError, GraftError } from '../errors.ts';
import type { Batch } from './examples.ts';
import type { FitOptions } from './fit-options.ts';
import type { TrainingEngine } from './start-engine.ts';
import { openStepTimer, type StepTimer, type TimedTraining } from './step-timer.ts';
import { classCount, exampleShape } from './tensorflow/model-shape.ts';

/** Steps of each engine to time, after one that warms it up. */
const STEPS = 3;

export interface EngineTrial extends TimedTraining, Pick<FitOptions, 'signal' | 'yieldToEventLoop'> {
  readonly model: LayersModel;
}

/** Seconds of the fastest step of each engine, by the name of its runtime. */
export const EngineSeconds = z.partialRecord(TrainingRuntime, z.number());
export type EngineSeconds = Readonly<z.infer<typeof EngineSeconds>>;

/**
 * Times training steps of a model in several engines, in turns, on drawn inputs. The model stays as it is. The result
 * lacks an engine that cannot train this model, or not in the memory of this machine.
 * @throws as Trainer's `accumulate`
 */
export async function timeEngines(engines: readonly TrainingEngine[], trial: EngineTrial): Promise<EngineSeconds> {
  const { model, training, signal, yieldToEventLoop } = trial;
  const batch = drawBatch(model, training.batchSize);
  const timers: [TrainingRuntime, StepTimer][] = [];
  const fastest: Partial<Record<TrainingRuntime, number>> = {};
  try {
    for (const engine of engines) {
      const timer = await openTimer(engine, trial);
      if (timer !== undefined) timers.push([engine.runtime.name, timer]);
    }
    for (let step = 0; step <= STEPS; step++) {
      for (const [name, timer] of timers) {
        const seconds = await timer.time(() => batch);
        if (step > 0) fastest[name] = Math.min(seconds, fastest[name] ?? seconds);
        await yieldToEventLoop?.();
        signal?.throwIfAborted();
      }
    }
    return fastest;
  } finally {
    // In reverse order, because each restores what it found.
    for (const [, timer] of timers.toReversed()) timer.close();
  }
}

async function openTimer(engine: TrainingEngine, trial: EngineTrial): Promise<StepTimer | undefined> {
  try {
    const network = engine.open(trial.model);
    const restoreTrainable = network.unfreeze(trial.trainable);
    await network.checkMemory(trial).finally(restoreTrainable);
    return await openStepTimer(network, trial);
  } catch (error) {
    if (error instanceof CapacityError || (error instanceof GraftError && UNSUPPORTED.includes(error.code))) return undefined;
    throw error;
  }
}

/** What an engine lacks for a model. */
const UNSUPPORTED: readonly string[] = ['ONNX_LAYER_UNSUPPORTED', 'ONNX_GRADIENT_UNSUPPORTED'];

function drawBatch(model: LayersModel, count: number): Batch {
  const classes = classCount(model);
  return {
    inputs: Float32Array.from({ length: count * product(exampleShape(model)) }, (_, i) => Math.abs(Math.sin(i))),
    targets: Float32Array.from({ length: count * classes }, (_, i) => Number(i % classes === Math.floor(i / classes) % classes)),
  };
}
