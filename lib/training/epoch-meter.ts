import * as tf from '@tensorflow/tfjs-core';
import { RuntimeError } from '../errors.ts';

/** Sums over the examples of an epoch so far. */
export interface EpochTotals {
  readonly examples: number;
  readonly loss: number;
  readonly accuracy: number;
}

interface Pending {
  /** [2]: loss and accuracy of a batch. */
  readonly outcome: tf.Tensor1D;
  readonly examples: number;
  readonly step: number;
  readonly learningRate: number;
}

/**
 * Gathers what the batches of an epoch said. The values stay on the device and are read some dozens at a time: a read after
 * each step would make a GPU wait for it.
 */
export class EpochMeter {
  #totals: EpochTotals;
  readonly #epoch: number;
  readonly #pending: Pending[] = [];

  constructor(epoch: number, totals: EpochTotals = { examples: 0, loss: 0, accuracy: 0 }) {
    this.#epoch = epoch;
    this.#totals = totals;
  }

  /** Takes over the tensor. @throws RuntimeError LOSS_NOT_FINITE, at the latest some dozens of steps after it happened */
  async add(outcome: Pending): Promise<void> {
    this.#pending.push(outcome);
    if (this.#pending.length >= 50) await this.totals();
  }

  /** Reads what is outstanding. @throws RuntimeError LOSS_NOT_FINITE */
  async totals(): Promise<EpochTotals> {
    const pending = this.#pending.splice(0);
    if (pending.length === 0) return this.#totals;
    const outcomes = pending.map(({ outcome }) => outcome);
    const joined = tf.concat(outcomes);
    tf.dispose(outcomes);
    const values = await joined.data();
    joined.dispose();
    for (const [i, { examples, step, learningRate }] of pending.entries()) {
      const loss = values[2 * i] ?? Number.NaN;
      if (!Number.isFinite(loss)) throw lossNotFinite(`epoch ${this.#epoch}, step ${step}`, loss, learningRate);
      const { examples: seen, loss: lossSum, accuracy } = this.#totals;
      this.#totals = {
        examples: seen + examples,
        loss: lossSum + loss * examples,
        accuracy: accuracy + (values[2 * i + 1] ?? 0) * examples,
      };
    }
    return this.#totals;
  }

  /** Frees what was never read. */
  dispose(): void {
    tf.dispose(this.#pending.splice(0).map(({ outcome }) => outcome));
  }
}

export function lossNotFinite(at: string, loss: number, learningRate: number): RuntimeError {
  return new RuntimeError('LOSS_NOT_FINITE', {
    at,
    expected: 'a finite loss',
    received: String(loss),
    fix: `lower training.optimizer.learningRate (here it was ${learningRate}), set training.optimizer.clipNorm to 1, or use a schedule with warm-up`,
  });
}
