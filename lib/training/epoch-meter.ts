import { RuntimeError } from '../errors.ts';
import type { Trainer } from './engine.ts';

/** Sums over the examples of an epoch so far. */
export interface EpochTotals {
  readonly examples: number;
  readonly loss: number;
  readonly accuracy: number;
}

interface PendingBatch {
  readonly examples: number;
  readonly step: number;
  readonly learningRate: number;
}

/** Number of batches whose outcomes stay on the device: reading after each step would make a GPU wait. */
const READ_AT_ONCE = 50;

/** Sums the outcomes of an epoch's batches. */
export class EpochMeter {
  #totals: EpochTotals;
  readonly #epoch: number;
  readonly #trainer: Pick<Trainer, 'readOutcomes'>;
  readonly #pending: PendingBatch[] = [];

  constructor(
    epoch: number,
    trainer: Pick<Trainer, 'readOutcomes'>,
    totals: EpochTotals = { examples: 0, loss: 0, accuracy: 0 },
  ) {
    this.#epoch = epoch;
    this.#trainer = trainer;
    this.#totals = totals;
  }

  /**
   * Adds a batch that the trainer has just accumulated.
   * @throws RuntimeError LOSS_NOT_FINITE, at most a few dozen steps after it occurred
   */
  async add(batch: PendingBatch): Promise<void> {
    this.#pending.push(batch);
    if (this.#pending.length >= READ_AT_ONCE) await this.totals();
  }

  /**
   * Reads the outstanding outcomes.
   * @returns the sums so far
   * @throws RuntimeError LOSS_NOT_FINITE
   */
  async totals(): Promise<EpochTotals> {
    const pending = this.#pending.splice(0);
    const outcomes = await this.#trainer.readOutcomes();
    for (const [i, { examples, step, learningRate }] of pending.entries()) {
      const { loss, accuracy } = outcomes[i] ?? { loss: Number.NaN, accuracy: 0 };
      if (!Number.isFinite(loss)) throw lossNotFinite(`epoch ${this.#epoch}, step ${step}`, loss, learningRate);
      const totals = this.#totals;
      this.#totals = {
        examples: totals.examples + examples,
        loss: totals.loss + loss * examples,
        accuracy: totals.accuracy + accuracy * examples,
      };
    }
    return this.#totals;
  }
}

/** Creates the error for a loss that is not finite. */
export function lossNotFinite(at: string, loss: number, learningRate: number): RuntimeError {
  return new RuntimeError('LOSS_NOT_FINITE', {
    at,
    expected: 'a finite loss',
    received: String(loss),
    fix:
      `lower training.optimizer.learningRate (here it was ${learningRate}), set training.optimizer.clipNorm to 1, or use a ` +
      'schedule with warm-up',
  });
}
