import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { TrainingRuntime } from '../contracts/compute.ts';
import { drawBatch } from './draw-batch.ts';
import type { FitOptions } from './fit-options.ts';
import type { TrainingEngine } from './start-engine.ts';
import { openStepTimer, type TimedTraining } from './step-timer.ts';

/** How often each engine is timed, and its steps each time, after one that warms it up. */
const [ROUNDS, STEPS] = [2, 2];

export interface EngineTrial extends TimedTraining, Pick<FitOptions, 'signal' | 'yieldToEventLoop'> {
  readonly model: LayersModel;
  /** Called for an engine that fails, or cannot train the model, or not in the memory of this machine. */
  readonly onFailure: (runtime: TrainingRuntime, error: unknown) => void;
}

/** Seconds of the fastest step of each engine, by the name of its runtime. */
export const EngineSeconds = z.partialRecord(TrainingRuntime, z.number());
export type EngineSeconds = Readonly<z.infer<typeof EngineSeconds>>;

/**
 * Times training steps of a model in several engines, in turns, on drawn inputs. Only one of them holds memory at a
 * time. The model stays as it is. The result lacks an engine that fails.
 * @throws the signal's reason if the job is stopped
 */
export async function timeEngines(engines: readonly TrainingEngine[], trial: EngineTrial): Promise<EngineSeconds> {
  const fastest: Partial<Record<TrainingRuntime, number>> = {};
  const failed = new Set<TrainingEngine>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const engine of engines.filter((each) => !failed.has(each))) {
      const { name } = engine.runtime;
      try {
        fastest[name] = Math.min(await fastestStep(engine, trial), fastest[name] ?? Number.POSITIVE_INFINITY);
      } catch (error) {
        trial.signal?.throwIfAborted();
        failed.add(engine);
        delete fastest[name];
        trial.onFailure(name, error);
      }
    }
  }
  return fastest;
}

async function fastestStep(engine: TrainingEngine, trial: EngineTrial): Promise<number> {
  const { model, training, trainable, signal, yieldToEventLoop } = trial;
  const network = await engine.open(model);
  const restoreTrainable = network.unfreeze(trainable);
  await network.checkMemory(trial).finally(restoreTrainable);
  const batch = drawBatch(model, training.batchSize);
  const timer = await openStepTimer(network, trial);
  try {
    let fastest = Number.POSITIVE_INFINITY;
    for (let step = 0; step <= STEPS; step++) {
      const seconds = await timer.time(() => batch);
      if (step > 0) fastest = Math.min(fastest, seconds);
      await yieldToEventLoop?.();
      signal?.throwIfAborted();
    }
    return fastest;
  } finally {
    timer.close();
  }
}
