import { z } from 'zod';
import { TrainingRuntime } from '../contracts/compute.ts';
import type { JobRecord } from '../contracts/job.ts';
import { ENGINE_CHOICE } from '../jobs/attempt-checkpoints.ts';
import { loadOrChoose } from '../jobs/computed-once.ts';
import type { World } from '../ports.ts';
import { mayTrainOwnModel } from '../search/may-train-own-model.ts';
import { startEngine, type TrainingEngine } from '../training/start-engine.ts';
import { oncePerJob } from './once-per-trial.ts';

const Choice = z.strictObject({ runtime: TrainingRuntime });

/**
 * Starts the engine of a job. Later attempts and retries train in the runtime of the first one, unless the environment selects
 * another one or it is not available: then the log says so. Layers of a user's own model train in ONNX Runtime.
 * @throws as startEngine
 */
export async function openEngine(job: JobRecord, { store, log }: World): Promise<TrainingEngine> {
  const onnxOnly = mayTrainOwnModel(job.spec);
  let engine: TrainingEngine | undefined;
  const once = oncePerJob(ENGINE_CHOICE, Choice, { job });
  const { runtime: earlier } = await loadOrChoose(once, store, async () => {
    engine = await startEngine({ onnxOnly, log });
    return { runtime: engine.runtime.name };
  });
  engine ??= await startEngine({ earlier, onnxOnly, log });
  const { name, description } = engine.runtime;
  log('runtime', { job: job.id, runtime: description });
  if (name !== earlier) {
    log('runtime.changed', { job: job.id, from: earlier, to: name, effect: 'the last bits of the result may differ' });
  }
  return engine;
}
