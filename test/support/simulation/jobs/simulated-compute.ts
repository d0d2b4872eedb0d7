import { batchJobName } from '../../../../lib/aws/batch-compute.ts';
import type { AttemptTarget, DeployedTarget } from '../../../../lib/contracts/compute.ts';
import { CapacityError, RuntimeError } from '../../../../lib/errors.ts';
import { INVOCATION_OVER } from '../../../../lib/jobs/attempt-limits.ts';
import type { Compute, JobAttempt } from '../../../../lib/ports.ts';
import type { Actor, Scheduler } from '../scheduler.ts';
import type { Faults } from './faults.ts';
import type { WorkedTime } from './worked-time.ts';

export type Target = DeployedTarget;

/** A process that a machine runs. */
export interface RunningProcess {
  /** Settles when the process has ended or was killed. */
  readonly ended: Promise<void>;
  readonly kill: () => void;
}

export interface ComputeOptions {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly worked: WorkedTime;
  readonly targetOf: (job: string) => AttemptTarget;
  /** Starts attempts that functions extract features for. */
  readonly functionsFor: (actor: Actor) => Compute;
  /** Starts the worker of an attempt. @param stop aborted if the worker is asked to end */
  readonly startWorker: (attempt: JobAttempt, stop: AbortSignal) => RunningProcess;
  /** Delivers an event of AWS Batch. */
  readonly sendEvent: (event: unknown) => void;
}

/** Lambda ends a function after 15 minutes; the function knows, and hands its job on a minute before. */
const FUNCTION_SECONDS = 900;
const MARGIN_SECONDS = 60;
const SPOT_NOTICE_SECONDS = 120;
const MACHINE_SECONDS = [2, 2, 90, 240];
const RECLAIMED_AFTER_SECONDS = [5, 60, 400];
const FUNCTIONS = 3;

interface Machine {
  state: 'waiting' | 'alive' | 'ended' | 'unstarted';
  readonly stop: AbortController;
  worker?: RunningProcess;
}

/** The training function and AWS Batch: what they accept starts later, ends some time, and may report it. */
export class SimulatedCompute {
  /** Attempts that were accepted. */
  starts = 0;
  readonly #options: ComputeOptions;
  readonly #machines = new Map<string, Machine>();
  /** Waits for machines; never dies. */
  readonly #environment: Actor = { name: 'machines', alive: true, weight: 1 };

  constructor(options: ComputeOptions) {
    this.#options = options;
  }

  /** The compute as a process sees it. */
  openFor(actor: Actor): Compute {
    const { scheduler, faults, targetOf, functionsFor } = this.#options;
    const functions = functionsFor(actor);
    return {
      start: async (attempt) => {
        await scheduler.turn(actor);
        if (faults.strike('refusedStart'))
          throw new CapacityError('REQUESTS_THROTTLED', { at: attempt.job, fix: 'try again', retryable: true });
        const target = targetOf(attempt.job);
        if (target === 'functions') return `functions:${await functions.start(attempt)}`;
        const handle = this.#accept(attempt, target);
        await scheduler.turn(actor);
        if (faults.strike('lostAnswer')) throw new CapacityError('SERVICE_UNAVAILABLE', { at: attempt.job, retryable: true });
        return handle;
      },
      stop: async (handle) => {
        await scheduler.turn(actor);
        const machine = this.#machines.get(handle);
        if (machine !== undefined && handle.startsWith('gpu')) void this.#reclaim(machine);
      },
      state: async (handle) => {
        await scheduler.turn(actor);
        if (handle.startsWith('functions')) return functions.state(handle);
        return handle.startsWith('gpu') ? (this.#machines.get(handle)?.state ?? 'unknown') : 'unknown';
      },
      resend: async (handle, sentAt) =>
        (await (handle.startsWith('functions:') ? functions.resend?.(handle.slice('functions:'.length), sentAt) : undefined)) ??
        false,
      limit: async ({ job }) => (targetOf(job) === 'lambda' ? { pool: 'lambda', most: FUNCTIONS, waitSeconds: 20 } : undefined),
    };
  }

  #accept(attempt: JobAttempt, target: Target): string {
    const { faults } = this.#options;
    const handle = `${target}:${attempt.job}-${attempt.attempt}-${++this.starts}`;
    const calls = target === 'lambda' && faults.strike('duplicate') ? 2 : 1;
    for (let call = 0; call < calls; call++) {
      const machine: Machine = { state: 'waiting', stop: new AbortController() };
      this.#machines.set(handle, machine);
      void this.#run(machine, attempt, target);
    }
    return handle;
  }

  async #run(machine: Machine, attempt: JobAttempt, target: Target): Promise<void> {
    const { scheduler, faults, worked, startWorker } = this.#options;
    await this.#sleep((scheduler.pick(MACHINE_SECONDS) ?? 0) * 1000 + faults.delay());
    const isDropped = target === 'lambda' && faults.strike('loss');
    if (!isDropped && !machine.stop.signal.aborted) {
      const worker = startWorker(attempt, machine.stop.signal);
      const end = worked.begin(attempt, () => scheduler.now);
      machine.worker = worker;
      machine.state = 'alive';
      if (target === 'lambda') void this.#endFunction(machine);
      else if (faults.strike('reclaim')) {
        const after = (scheduler.pick(RECLAIMED_AFTER_SECONDS) ?? 0) * 1000;
        void this.#sleep(after).then(() => this.#reclaim(machine));
      }
      await worker.ended;
      end();
    }
    machine.state = machine.worker === undefined ? 'unstarted' : 'ended';
    if (target === 'gpu') await this.#report(attempt, machine);
  }

  async #endFunction({ stop, worker }: Machine): Promise<void> {
    await this.#sleep((FUNCTION_SECONDS - MARGIN_SECONDS) * 1000);
    stop.abort(new RuntimeError(INVOCATION_OVER, { at: 'train', fix: 'nothing: it continues', retryable: true }));
    await this.#sleep(MARGIN_SECONDS * 1000);
    worker?.kill();
  }

  async #reclaim({ stop, worker }: Machine): Promise<void> {
    stop.abort(new Error('asked to stop by SIGTERM'));
    await this.#sleep(SPOT_NOTICE_SECONDS * 1000);
    worker?.kill();
  }

  /** AWS Batch reports the end of a job at least once; EventBridge may lose it, repeat it or bring it late. */
  async #report(attempt: JobAttempt, { worker }: Machine): Promise<void> {
    const { faults, scheduler, sendEvent } = this.#options;
    if (faults.strike('loss')) return;
    const event = {
      'detail-type': 'Batch Job State Change',
      detail: {
        jobName: batchJobName(attempt),
        status: 'FAILED',
        statusReason: 'the machine is gone',
        ...(worker !== undefined && { startedAt: scheduler.now }),
      },
    };
    for (let time = faults.strike('duplicate') ? 2 : 1; time > 0; time--) {
      await this.#sleep(faults.delay());
      sendEvent(event);
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return milliseconds === 0 ? Promise.resolve() : this.#options.scheduler.sleep(this.#environment, milliseconds);
  }
}
