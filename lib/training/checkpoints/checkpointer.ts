import type { Clock, Log } from '../../ports.ts';
import type { EngineNetwork, EngineRuntime, Trainer } from '../engine.ts';
import { bestEpoch } from '../history.ts';
import { checkFinite, type Snapshot } from '../snapshot.ts';
import { decodeCheckpoint, encodeCheckpoint, type Progress } from './checkpoint.ts';
import type { CheckpointStore } from './checkpoint-store.ts';

export interface CheckpointOptions {
  readonly store: CheckpointStore;
  readonly clock: Clock;
  /** Also write a checkpoint within an epoch after this many minutes. */
  readonly everyMinutes?: number;
}

/** The state of a training run that a checkpoint holds. */
export interface RunState {
  readonly network: EngineNetwork;
  readonly trainer: Trainer;
}

/** Writes the checkpoints of one run, and restores the last one. */
export class Checkpointer {
  readonly #options: CheckpointOptions & { readonly run: string; readonly log: Log };
  /** The current write; training continues meanwhile. */
  #writing: Promise<void> = Promise.resolve();
  #savedAt: number;

  constructor(options: CheckpointOptions & { readonly run: string; readonly log: Log }) {
    this.#options = options;
    this.#savedAt = options.clock.now().getTime();
  }

  /** Tells whether `everyMinutes` have passed since the last checkpoint. */
  isDue(): boolean {
    const { clock, everyMinutes = 5 } = this.#options;
    return clock.now().getTime() - this.#savedAt >= everyMinutes * 60_000;
  }

  /**
   * Restores the state of the last checkpoint into the network and the optimizer.
   * @throws ConflictError CHECKPOINT_MISMATCH; DataError SAFETENSORS_DAMAGED
   */
  async resume({ network, trainer }: RunState): Promise<{ progress: Progress; best: Snapshot | undefined } | undefined> {
    const { store, run, log } = this.#options;
    const bytes = await store.load();
    if (bytes === undefined) return undefined;
    const { progress, weights, slots, best, ...checkpoint } = decodeCheckpoint(bytes, run);
    const here = describeRuntime(network.runtime);
    if (JSON.stringify(checkpoint.runtime) !== JSON.stringify(here)) {
      log('training.runtime-changed', { from: checkpoint.runtime, to: here, effect: 'the last bits of the result may differ' });
    }
    network.restore(weights);
    trainer.restore(slots, progress.iterations);
    log('training.resumed', { epochs: progress.history.length, batches: progress.batches });
    const kept = best ?? (isBest(progress) ? weights : undefined);
    return { progress, best: kept && copyOf(kept) };
  }

  /**
   * Copies the state and starts to write it, after the previous write has ended: two encoded checkpoints would take twice
   * the memory that was checked before the training.
   * @throws RuntimeError WEIGHTS_NOT_FINITE, which keeps the last good checkpoint; the error of the previous write
   */
  async save({ network, trainer }: RunState, progress: Progress, best: Snapshot | undefined): Promise<void> {
    const { store, run, clock } = this.#options;
    await this.#writing;
    const weights = await network.snapshot();
    checkFinite(weights);
    const slots = await trainer.snapshot();
    const bytes = encodeCheckpoint({
      run,
      runtime: describeRuntime(network.runtime),
      progress,
      weights,
      slots,
      best: isBest(progress) ? undefined : best,
    });
    this.#savedAt = clock.now().getTime();
    this.#writing = store.save(bytes);
    // Awaited at the next save or at `settle`; until then a failure must not end the process.
    this.#writing.catch(() => {});
  }

  /** Waits for the current write. @throws its error */
  async settle(): Promise<void> {
    await this.#writing;
  }
}

/** Copies values that are views of a checkpoint's bytes: as views, they would keep all of its bytes in memory. */
function copyOf(snapshot: Snapshot): Snapshot {
  return new Map([...snapshot].map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]));
}

/** Tells whether the weights are those of the best epoch, which are then not written twice. */
function isBest({ history, batches }: Progress): boolean {
  return history.length > 0 && batches === 0 && bestEpoch(history) === history.length;
}

function describeRuntime({ name, versions }: EngineRuntime): Record<string, string> {
  return { name, ...versions };
}
