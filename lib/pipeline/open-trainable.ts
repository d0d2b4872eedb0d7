import { createHash } from 'node:crypto';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { TrainingRuntime } from '../contracts/compute.ts';
import { Time } from '../contracts/names.ts';
import { errorJson } from '../errors.ts';
import { ENGINE_CHOICE } from '../jobs/attempt-checkpoints.ts';
import { loadOrChoose } from '../jobs/computed-once.ts';
import type { EngineNetwork } from '../training/engine.ts';
import { leafLayers } from '../training/layers-model/leaf-layers.ts';
import type { Loss } from '../training/losses/loss.ts';
import type { TrainingEngine } from '../training/start-engine.ts';
import { EngineSeconds, timeEngines } from '../training/time-engines.ts';
import { keepTiming, readTiming } from './kept-timings.ts';
import { oncePerJob } from './once-per-trial.ts';
import { lossOf, type TrainingContext } from './training-context.ts';

/**
 * How much faster the other engine must be. Timings of the same steps differ by more than a few percent, and the choice
 * should not change between machines of the same kind.
 */
const MARGIN = 1.1;

const Choice = z.strictObject({ runtime: TrainingRuntime });
const Timing = z.strictObject({ measuredAt: Time, seconds: EngineSeconds });

export interface TrainableModel {
  readonly model: LayersModel;
  /** Names of the layers that will train. */
  readonly trainable: readonly string[];
  /** Default: the job's. */
  readonly loss?: Loss;
}

/**
 * Opens a model that will train, in the engine that trains it faster on this machine: a few steps in each decide, unless
 * there is only one. Later attempts and retries of the job keep the engine, and later jobs use the same timings.
 * @throws as timeEngines
 */
export async function openTrainable(trained: TrainableModel, context: TrainingContext): Promise<EngineNetwork> {
  const { engine, job, world } = context;
  const { other } = engine;
  if (other === undefined) return engine.open(trained.model);
  // Without the versions and threads of the engines, so that an attempt on another machine keeps the choice.
  const once = oncePerJob(`${ENGINE_CHOICE}-${timingName(trained, context)}`, Choice, context);
  const { runtime } = await loadOrChoose(once, world.store, async () => {
    const seconds = await timesOf([engine, other], trained, context);
    const { runtime } = isFaster(seconds[other.runtime.name], seconds[engine.runtime.name]) ? other : engine;
    world.log('engine', { job: job.id, chosen: runtime.name, secondsPerStep: seconds });
    return { runtime: runtime.name };
  });
  return (runtime === other.runtime.name ? other : engine).open(trained.model);
}

function isFaster(seconds: number | undefined, usual: number | undefined): boolean {
  return seconds !== undefined && (usual === undefined || seconds * MARGIN < usual);
}

/** The seconds of a step in each engine: from the cache of this machine, or measured. */
async function timesOf(
  engines: readonly TrainingEngine[],
  trained: TrainableModel,
  context: TrainingContext,
): Promise<EngineSeconds> {
  const { model, trainable, loss } = trained;
  const { job, jobContext, world } = context;
  const name = timingName(trained, context, engines);
  const entry = { name: `engines-${name}`, schema: Timing, failureEvent: 'engine.not-kept' };
  const before = await readTiming(entry, world);
  if (before !== undefined) return before.seconds;
  const { signal, flush: yieldToEventLoop } = jobContext;
  const seconds = await timeEngines(engines, {
    model,
    trainable,
    loss: loss ?? lossOf(job),
    training: job.spec.training,
    signal,
    yieldToEventLoop,
    onFailure: (runtime, error) => world.log('engine.not-timed', { job: job.id, runtime, error: errorJson(error) }),
  });
  const measured = { measuredAt: world.clock.now().toISOString(), seconds };
  // An engine may have failed only now, for example because memory was short: later jobs time it again.
  const hasFailed = engines.some(({ runtime }) => seconds[runtime.name] === undefined);
  const kept = hasFailed ? await readTiming(entry, world) : await keepTiming(entry, measured, world);
  return (kept ?? measured).seconds;
}

/** A name for everything that decides how long a step takes: the network, its training, and the engines, if given. */
function timingName(
  { model, trainable }: TrainableModel,
  { job }: TrainingContext,
  engines: readonly TrainingEngine[] = [],
): string {
  const { batchSize, optimizer } = job.spec.training;
  const trains = new Set(trainable);
  const layers = leafLayers(model).map(({ layer }) => [
    layer.getClassName(),
    layer.outputShape,
    layer.countParams(),
    trains.has(layer.name),
  ]);
  const versions = engines.map(({ runtime }) => runtime.versions);
  const all = JSON.stringify([layers, batchSize, optimizer.name, versions]);
  return createHash('sha256').update(all).digest('hex').slice(0, 16);
}
