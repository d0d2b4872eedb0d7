import { type AnyJob, isTraining } from '../../../../lib/contracts/job.ts';
import { functionDollarsPerSecond } from '../../../../lib/estimates/function-price.ts';
import type { JobAttempt } from '../../../../lib/ports.ts';

/** When the worker of an attempt was alive, in milliseconds. */
interface Span extends JobAttempt {
  readonly from: number;
  until: number;
}

/** What a job has spent besides its machines. */
interface Spent {
  /** That functions have worked for it. */
  readonly seconds: number;
  /** How much longer they may work to the end of a batch. */
  readonly batches: number;
  /** The attempt that recorded the version which the job publishes; infinite if none has. */
  readonly publisher: number;
}

/** After a limit: until the next heartbeat, and the grace period. */
const NOTICE_SECONDS = 10 + 20;

/**
 * When workers were alive, whatever the records say. The limits hold for that in runs in which no process is suspended,
 * all clocks agree, and no worker is started twice.
 */
export class WorkedTime {
  readonly #spans: Span[] = [];

  /** @returns a function to call when the worker has ended */
  begin({ job, attempt }: JobAttempt, now: () => number): () => void {
    const span: Span = { job, attempt, from: now(), until: Number.POSITIVE_INFINITY };
    this.#spans.push(span);
    return () => {
      span.until = now();
    };
  }

  /** Jobs that ran for longer than they may. A worker that was taken for dead no longer counts. */
  overtime(jobs: readonly AnyJob[]): string[] {
    return jobs.flatMap((job) => {
      const limit = isTraining(job) ? job.spec.compute.maxMinutes : undefined;
      if (limit === undefined) return [];
      const ran = this.#seconds(job, (span) => Math.min(span.until, replacedAt(job, span.attempt)));
      return ran > limit * 60 + NOTICE_SECONDS ? [`${job.id} ran for ${ran} s of ${limit * 60}`] : [];
    });
  }

  /**
   * Jobs that cost more than they may: functions and machines of all attempts, and their starts. Attempts that only
   * complete a publication may cost more.
   */
  overspent(jobs: readonly AnyJob[], spentOf: (job: AnyJob) => Spent): string[] {
    return jobs.flatMap((job) => {
      const maxCost = isTraining(job) ? job.spec.compute.maxCost : undefined;
      if (maxCost === undefined || !isTraining(job)) return [];
      const { seconds, batches, publisher } = spentOf(job);
      const { dollarsPerHour = 0, parts = [] } = job.estimate ?? {};
      const dollarsOf = (part: string) => parts.find((own) => own.part === part)?.dollars ?? 0;
      const starts = (job.history ?? []).filter(({ state, attempt }) => state === 'RUNNING' && attempt <= publisher).length;
      const worked = this.#seconds(job, ({ until }) => until, publisher);
      const machines = (worked * dollarsPerHour) / 3600 + starts * dollarsOf('start');
      const cost = seconds * functionDollarsPerSecond + machines + dollarsOf('requests');
      // Each worker that was replaced notices that, like the last one the limit.
      const wanted = this.#seconds(job, (span) => Math.min(span.until, replacedAt(job, span.attempt)), publisher);
      const noticed = NOTICE_SECONDS + Math.min(worked - wanted, Math.max(0, starts - 1) * NOTICE_SECONDS);
      const notice = (noticed * dollarsPerHour) / 3600 + batches * functionDollarsPerSecond;
      return cost > maxCost + notice ? [`${job.id} cost ${cost} dollars of ${maxCost}`] : [];
    });
  }

  #seconds({ id }: AnyJob, until: (span: Span) => number, last = Number.POSITIVE_INFINITY): number {
    const spans = this.#spans.filter(({ job, attempt }) => job === id && attempt <= last);
    return spans.reduce((sum, span) => sum + Math.max(0, until(span) - span.from) / 1000, 0);
  }
}

/** When a job went back to the queue after an attempt. */
function replacedAt({ history = [] }: AnyJob, attempt: number): number {
  const next = history.find((change) => change.attempt === attempt && change.state === 'SUBMITTED');
  return next === undefined ? Number.POSITIVE_INFINITY : Date.parse(next.time);
}
