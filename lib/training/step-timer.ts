import type { TrainingSpec } from '../contracts/training-spec.ts';
import type { EngineNetwork } from './engine.ts';
import type { Batch } from './examples.ts';
import type { Loss } from './losses/loss.ts';

/** Runs training steps of a network only to time them. */
export interface StepTimer {
  /**
   * Runs one step, at a learning rate of 0.
   * @param next provides the batch, which is part of the step
   * @returns its seconds
   * @throws as Trainer's `accumulate`
   */
  time(next: () => Batch | Promise<Batch>): Promise<number>;
  /** Restores the network as it was. */
  close(): void;
}

export interface TimedTraining {
  readonly loss: Loss;
  readonly training: TrainingSpec;
  /** Names of the layers that train. */
  readonly trainable: readonly string[];
}

/** Opens a timer of training steps. @throws as EngineNetwork's `openTrainer` */
export async function openStepTimer(network: EngineNetwork, { loss, training, trainable }: TimedTraining): Promise<StepTimer> {
  const restoreTrainable = network.unfreeze(trainable);
  try {
    const before = await network.snapshot(trainable);
    const trainer = network.openTrainer({ loss, optimizer: training.optimizer });
    return {
      async time(next) {
        const begin = performance.now();
        await trainer.accumulate(await next(), { seedOf: () => training.seed });
        trainer.update(0);
        await trainer.readOutcomes();
        return (performance.now() - begin) / 1000;
      },
      close() {
        trainer.close();
        network.restore(before, trainable);
        restoreTrainable();
      },
    };
  } catch (error) {
    restoreTrainable();
    throw error;
  }
}
