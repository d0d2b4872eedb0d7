import { CapacityError, RuntimeError } from '../../../../lib/errors.ts';
import type { Scheduler } from '../scheduler.ts';

/** What goes wrong, and how often: 0..1, of each step for what happens to processes, of each occasion for the others. */
export interface FaultRates {
  /** A process dies between two awaits. */
  readonly crash: number;
  /** A process is suspended for a while. */
  readonly stall: number;
  /** Time passes for all, so that leases and messages expire. */
  readonly jump: number;
  /** The store refuses a request (503 Slow Down), after all retries of the SDK. */
  readonly throttle: number;
  /** The store carries a request out, and its answer is lost. */
  readonly lostAnswer: number;
  /** A message or event is delivered twice; a Lambda function is called twice for one attempt. */
  readonly duplicate: number;
  /** An event of AWS Batch, the asynchronous call of a Lambda function, or the message of a job or part is lost. */
  readonly loss: number;
  /** A message, an event or the start of a machine is late by minutes. */
  readonly delay: number;
  /** The compute does not accept an attempt. */
  readonly refusedStart: number;
  /** A Spot machine is reclaimed: SIGTERM, and two minutes later the end. */
  readonly reclaim: number;
  /** The receiver of webhooks fails. */
  readonly refusedWebhook: number;
  /** A process's clock differs from the others', by up to ten minutes. */
  readonly skew: number;
  /** A function that extracts features has another kind of processor. */
  readonly otherProcessor: number;
}

export const NO_FAULTS: FaultRates = {
  crash: 0,
  stall: 0,
  jump: 0,
  throttle: 0,
  lostAnswer: 0,
  duplicate: 0,
  loss: 0,
  delay: 0,
  refusedStart: 0,
  reclaim: 0,
  refusedWebhook: 0,
  skew: 0,
  otherProcessor: 0,
};

export type FaultKind = keyof FaultRates;
export type FaultCounts = Record<FaultKind, number>;

/** Decides by the seeded schedule what goes wrong, and counts it. */
export class Faults {
  readonly counts: FaultCounts = { ...NO_FAULTS };
  /** After the chaos nothing goes wrong any more, so that everything has to come to its end. */
  isOver = false;
  readonly #rates: FaultRates;
  readonly #scheduler: Scheduler;

  constructor(rates: FaultRates, scheduler: Scheduler) {
    this.#rates = rates;
    this.#scheduler = scheduler;
  }

  /** Whether this goes wrong now. */
  strike(kind: FaultKind): boolean {
    const strikes = !this.isOver && this.#rates[kind] > 0 && this.#scheduler.draw() < this.#rates[kind];
    if (strikes) this.counts[kind]++;
    return strikes;
  }

  /** An error of the store before or after a request was carried out; undefined if it succeeds. */
  storeError(kind: 'throttle' | 'lostAnswer', key: string): Error | undefined {
    if (!this.strike(kind)) return undefined;
    const detail = { at: key, fix: 'try again', retryable: true };
    return kind === 'throttle'
      ? new CapacityError('REQUESTS_THROTTLED', detail)
      : new RuntimeError('SERVICE_UNREACHABLE', detail);
  }

  /** Milliseconds by which something is late; 0 if it is on time. */
  delay(): number {
    return this.strike('delay') ? (this.#scheduler.pick(DELAYS_SECONDS) ?? 0) * 1000 : 0;
  }
}

const DELAYS_SECONDS = [20, 90, 400, 1500];
