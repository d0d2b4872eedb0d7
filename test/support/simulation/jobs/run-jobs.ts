import { hasEnded } from '../../../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../../../lib/contracts/job.ts';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import type { QueueMessage } from '../../../../lib/contracts/queue-message.ts';
import { WEBHOOK_TRIES, type WebhookBody } from '../../../../lib/contracts/webhook.ts';
import { GraftError, RuntimeError } from '../../../../lib/errors.ts';
import { attemptNeeds } from '../../../../lib/jobs/attempt-needs.ts';
import { openExtractionCompute } from '../../../../lib/jobs/extraction/extraction-compute.ts';
import type { Clock, Delivery, World } from '../../../../lib/ports.ts';
import { newId } from '../../../../lib/store/new-id.ts';
import { CALL_SECONDS } from '../../../../lib/store/parts/part-calls.ts';
import { storeKeys } from '../../../../lib/store/store-keys.ts';
import { seedUuids } from '../drawn-uuids.ts';
import { type Actor, Scheduler } from '../scheduler.ts';
import { MAX_RECEIVES, type QueuedMessage, receiveMessage, simulatedQueue } from '../simulated-queue.ts';
import { type Objects, simulatedStore } from '../simulated-store.ts';
import { type FaultCounts, type FaultRates, Faults } from './faults.ts';
import { graft } from './job-functions.ts';
import { JobInvariants, unfinished } from './job-invariants.ts';
import { cancel, limitedEstimate, type PlannedJob, promote, retry, submit } from './people.ts';
import { type RunningProcess, SimulatedCompute } from './simulated-compute.ts';
import { ExtractionCounts, featureKeys, simulatedExtraction } from './simulated-extraction.ts';
import { simulateTraining } from './simulated-training.ts';
import { WorkedTime } from './worked-time.ts';

/** What people do in a while, and what goes wrong meanwhile. */
export interface Day {
  readonly jobs: readonly PlannedJob[];
  /** Models whose alias `prod` is moved, and when. */
  readonly promotions: readonly { readonly model: string; readonly afterSeconds: number }[];
  readonly rates: FaultRates;
  /** Whether an import has messages in the queue of the functions all the time. */
  readonly isQueueBusy?: boolean;
}

export interface Outcome {
  readonly steps: number;
  readonly seconds: number;
  readonly attempts: number;
  /** Shards of features that functions computed, also in vain. */
  readonly shards: number;
  readonly faults: FaultCounts;
  /** How many jobs ended in each state, with the error's code. */
  readonly ends: ReadonlyMap<string, number>;
}

export interface RunOptions {
  /** When a consumer removes a message from its queue. A correct one does it after its work. */
  readonly acknowledges?: 'after' | 'before';
  /** Steps during which faults happen. */
  readonly chaosSteps?: number;
}

const STALLS_SECONDS = [5, 20, 60, 400];
const JUMPS_SECONDS = [1, 15, 40, 130, 700];
const SKEW_MS = 600_000;
const MINUTE_MS = 60_000;
/** A job has as many tries, pauses and hand-overs as it needs within this time. */
const LONGEST_MS = 4 * 86_400_000;
const STALE_SECONDS = 600;
/** As the deployment hides messages of parts: a minute longer than their function runs. */
const EXTRACTION_HIDDEN_MS = (CALL_SECONDS + 60) * 1000;
/** Between the messages of an import that keeps the queue of the functions busy. */
const OTHER_PART_MS = 300_000;
const CONSUMED = ['trainings', 'webhooks', 'extractions'] as const;
type ConsumedQueue = (typeof CONSUMED)[number];
/** Ends functions; never dies. */
const lambda: Actor = { name: 'Lambda', alive: true, weight: 1 };

/**
 * Runs the functions of a deployment on virtual time: the dispatcher, workers in Lambda and AWS Batch, the tracker, the
 * sender of webhooks, and people. The seed decides who goes on next and what fails.
 * @throws Error that names what is wrong
 */
export async function runJobs(
  { jobs, promotions, rates, isQueueBusy = false }: Day,
  seed: number,
  { acknowledges = 'after', chaosSteps = 4000 }: RunOptions = {},
): Promise<Outcome> {
  seedUuids(seed);
  const scheduler = new Scheduler(seed);
  const faults = new Faults(rates, scheduler);
  const objects: Objects = new Map();
  const counts = new ExtractionCounts();
  const worked = new WorkedTime();
  const extractionOf = (job: AnyJob) => planOf(job).extraction;
  const invariants = new JobInvariants(objects, (job) => {
    const extraction = extractionOf(job);
    return extraction === undefined ? [] : featureKeys(job, extraction);
  });
  const queues: Readonly<Record<'imports' | ConsumedQueue, QueuedMessage[]>> = {
    imports: [],
    trainings: [],
    webhooks: [],
    extractions: [],
  };
  const actors = new Map<Actor, () => void>();
  const worlds = new WeakMap<Actor, World>();
  const acknowledged = new Set<string>();
  const webhooks = new Set<string>();
  const startedAt = scheduler.now;
  let maintainedAt = scheduler.now;

  /** Starts a process. */
  function start(name: string, run: (world: World, actor: Actor) => Promise<unknown>): RunningProcess {
    const actor: Actor = { name, alive: true, weight: scheduler.drawWeight() };
    const skew = faults.strike('skew') ? Math.round((scheduler.draw() * 2 - 1) * SKEW_MS) : 0;
    const clock: Clock = {
      now: () => new Date(scheduler.now + skew),
      sleep: (milliseconds) => scheduler.sleep(actor, milliseconds),
    };
    const errorOf = (kind: 'throttle' | 'lostAnswer', key: string) => faults.storeError(kind, key);
    const store = simulatedStore(objects, scheduler, actor, { clock, onChange, errorOf });
    const queueOf = (messages: QueuedMessage[], maxReceives: number, isLost?: () => boolean) =>
      simulatedQueue(messages, scheduler, actor, { maxReceives, delay: () => faults.delay(), ...(isLost && { isLost }) });
    const isLost = () => faults.strike('loss');
    const world: World = {
      store,
      clock,
      log: () => {},
      queues: {
        imports: queueOf(queues.imports, MAX_RECEIVES),
        trainings: queueOf(queues.trainings, MAX_RECEIVES, isLost),
        webhooks: queueOf(queues.webhooks, WEBHOOK_TRIES),
        extractions: queueOf(queues.extractions, MAX_RECEIVES, isLost),
      },
    };
    worlds.set(actor, world);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => {
      actors.delete(actor);
      resolve();
    };
    actors.set(actor, end);
    run(world, actor)
      .catch((error: unknown) => {
        if (!(error instanceof GraftError))
          invariants.violations.push(`${name}: ${error instanceof Error ? error.stack : error}`);
      })
      .finally(end);
    return { ended, kill: () => kill(actor) };
  }

  function worldOf(actor: Actor): World {
    const world = worlds.get(actor);
    if (world === undefined) throw new Error(`${actor.name} was not started`);
    return world;
  }

  function onChange(key: string): void {
    if (objects.has(key)) invariants.check(key);
  }

  function planOf({ id, spec }: AnyJob): PlannedJob {
    const plan = jobs['training' in spec ? spec.training.seed : 0];
    if (plan === undefined) throw new Error(`no plan of ${id}`);
    return plan;
  }
  function jobOf(id: string): AnyJob {
    const job = invariants.jobs().find((known) => known.id === id);
    if (job === undefined) throw new Error(`no job ${id}`);
    return job;
  }
  const compute = new SimulatedCompute({
    scheduler,
    faults,
    worked,
    targetOf(id) {
      const job = jobOf(id);
      return attemptNeeds(job, job.attempt, [], true).target === 'functions' ? 'functions' : planOf(job).target;
    },
    functionsFor: (actor) => openExtractionCompute(worldOf(actor)),
    startWorker: (attempt, stop) =>
      start(`worker of ${attempt.job}, attempt ${attempt.attempt}`, (world) =>
        graft.workOnJob(attempt, (job, jobContext, given) => simulateTraining(planOf(job), job, jobContext, given), world, stop, {
          mayBeCalledAgain: planOf(jobOf(attempt.job)).target === 'lambda',
        }),
      ),
    sendEvent: (event) =>
      void start('tracker of an event', (world, actor) => graft.trackEvent(event, compute.openFor(actor), world)),
  });

  function maintain(): void {
    maintainedAt = scheduler.now;
    start('maintenance', (world, actor) => graft.runMaintenance(compute.openFor(actor), world, { staleSeconds: STALE_SECONDS }));
  }

  const consumers: Readonly<Record<ConsumedQueue, (delivery: Delivery, world: World, actor: Actor) => Promise<void>>> = {
    async extractions({ message }, world) {
      if (message.type !== 'extract') return;
      const begun = world.clock.now().getTime();
      const processor = faults.strike('otherProcessor') ? 'avx2' : 'avx512';
      const planned = (job: AnyJob) => extractionOf(job) ?? { shards: 0, shardSeconds: 0 };
      const work = simulatedExtraction(planned, counts, world, processor);
      const secondsLeft = () => CALL_SECONDS - (world.clock.now().getTime() - begun) / 1000;
      await graft.workOnExtraction(message, work, world, { secondsLeft, log: 'the log' });
    },
    trainings: ({ message }, world, actor) => graft.handleTrainingMessage(message, compute.openFor(actor), world),
    webhooks: (delivery, world) => graft.deliverWebhook(delivery, world, { secret: async () => SECRET, post: receiveWebhook }),
  };

  async function receiveWebhook({ body }: { readonly body: string }): Promise<void> {
    if (faults.strike('refusedWebhook')) throw new RuntimeError('WEBHOOK_REFUSED', { at: 'receiver', retryable: true });
    const { data }: WebhookBody = JSON.parse(body);
    webhooks.add(data.job);
  }

  const MOST_RECEIVES = { trainings: MAX_RECEIVES, webhooks: WEBHOOK_TRIES, extractions: MAX_RECEIVES };
  const visible = (name: ConsumedQueue) =>
    queues[name].filter(({ receives, visibleAt }) => receives < MOST_RECEIVES[name] && visibleAt <= scheduler.now);

  function deliver(): void {
    const drawn = scheduler.draw();
    const name = drawn < 0.5 ? 'extractions' : drawn < 0.85 ? 'trainings' : 'webhooks';
    const hidden = queues[name].filter(({ receives }) => receives > 0 && receives < MOST_RECEIVES[name]);
    const queued = hidden.length > 0 && faults.strike('duplicate') ? scheduler.pick(hidden) : scheduler.pick(visible(name));
    if (queued === undefined) return;
    if (queued.message.type === 'check') {
      queued.visibleAt = scheduler.now + OTHER_PART_MS;
      return;
    }
    const isExtraction = name === 'extractions';
    const delivery = receiveMessage(queued, scheduler.now, isExtraction ? EXTRACTION_HIDDEN_MS : undefined);
    const acknowledge = () => {
      const at = queues[name].indexOf(queued);
      if (at >= 0) queues[name].splice(at, 1);
    };
    if (acknowledges === 'before') acknowledge();
    const consumer = start(`consumer of ${name}`, async (world, actor) => {
      await consumers[name](delivery, world, actor);
      acknowledge();
    });
    // Lambda ends a function after its time.
    if (isExtraction) void scheduler.sleep(lambda, CALL_SECONDS * 1000).then(consumer.kill);
  }

  function begin(): void {
    if (isQueueBusy)
      queues.extractions.push({ message: { type: 'check', upload: 'many', part: 0 }, visibleAt: scheduler.now, receives: 0 });
    const later =
      (seconds: number, run: (world: World, actor: Actor) => Promise<unknown>) => async (world: World, actor: Actor) => {
        if (seconds > 0) await world.clock.sleep?.(seconds * 1000);
        await run(world, actor);
      };
    const person = { acknowledge: (id: string) => acknowledged.add(id) };
    for (const [index, plan] of jobs.entries()) {
      const id = newId('job', new Date(scheduler.now + index));
      const spec = specOf(plan, index);
      start(
        `client of ${id}`,
        later(plan.afterSeconds, (world) => submit({ id, spec, plan }, world, person)),
      );
      const { cancelledAfter } = plan;
      if (cancelledAfter !== undefined)
        start(
          `canceller of ${id}`,
          later(plan.afterSeconds + cancelledAfter, (world, actor) => cancel(id, compute.openFor(actor), world)),
        );
      if (plan.isRetried)
        start(
          `retrier of ${id}`,
          later(plan.afterSeconds + 900, (world) => retry(id, world, person)),
        );
    }
    for (const { model, afterSeconds } of promotions)
      start(
        `promoter of ${model}`,
        later(afterSeconds, (world) => promote(model, world)),
      );
  }

  function kill(actor: Actor | undefined): void {
    if (actor === undefined || !actor.alive) return;
    scheduler.kill(actor);
    actors.get(actor)?.();
  }

  const anyActor = () => scheduler.pick([...actors.keys()]);

  /** Time passes until something can happen. */
  async function passTime(): Promise<void> {
    const waits = CONSUMED.flatMap((name) =>
      queues[name]
        .filter(({ receives }) => receives < MOST_RECEIVES[name])
        .map(({ visibleAt }) => Math.max(0, visibleAt - scheduler.now)),
    );
    const timer = scheduler.untilNextTimer() ?? Number.POSITIVE_INFINITY;
    const maintenance = Math.max(0, maintainedAt + MINUTE_MS - scheduler.now);
    await scheduler.advance(Math.min(...waits, timer, maintenance));
  }

  function isAtRest(): boolean {
    if (actors.size > 0) return false;
    const marks = [...objects.keys()].some((key) => key.startsWith(storeKeys.active.prefix));
    const waiting = CONSUMED.some((name) =>
      queues[name].some(({ receives, message }) => receives < MOST_RECEIVES[name] && message.type !== 'check'),
    );
    return !marks && !waiting;
  }

  const fail = (what: readonly string[]) => {
    if (what.length === 0) return;
    throw new Error(`seed ${seed}, step ${scheduler.steps}: ${[...new Set(what)].slice(0, 5).join('; ')}`);
  };

  begin();
  while (!(faults.isOver && isAtRest())) {
    fail([...invariants.violations, ...counts.violations]);
    if (scheduler.now - startedAt > LONGEST_MS) break;
    if (scheduler.steps > chaosSteps || isAtRest()) faults.isOver = true;
    if (scheduler.now - maintainedAt >= MINUTE_MS) maintain();
    if (faults.strike('crash')) kill(anyActor());
    if (faults.strike('stall')) suspend(anyActor());
    if (faults.strike('jump')) await scheduler.advance((scheduler.pick(JUMPS_SECONDS) ?? 0) * 1000);
    const isDue = CONSUMED.some((name) => visible(name).length > 0);
    if (isDue && scheduler.draw() < 0.05) deliver();
    else if (!(await scheduler.step())) {
      if (isDue) deliver();
      else await passTime();
    }
  }
  fail(invariants.violations);
  fail(unfinished(invariants, objects, { acknowledged, webhooks: withDeadLetters() }));
  if (rates.stall + rates.jump + rates.skew + rates.duplicate === 0) {
    const all = invariants.jobs();
    const spent = (job: AnyJob) => ({ ...counts.workedFor(job), publisher: invariants.publisherOf(job) });
    fail([...worked.overtime(all), ...worked.overspent(all, spent)]);
  }
  return {
    steps: scheduler.steps,
    seconds: Math.round((scheduler.now - startedAt) / 1000),
    attempts: compute.starts,
    shards: counts.computed,
    faults: faults.counts,
    ends: countEnds(),
  };

  function suspend(actor: Actor | undefined): void {
    if (actor !== undefined) scheduler.suspend(actor, (scheduler.pick(STALLS_SECONDS) ?? 0) * 1000);
  }

  /** Jobs whose webhook was received, or refused as often as it is tried. */
  function withDeadLetters(): Set<string> {
    const dead = queues.webhooks.filter(({ receives }) => receives >= WEBHOOK_TRIES).map(({ message }) => idOf(message));
    return new Set([...webhooks, ...dead]);
  }

  function countEnds(): Map<string, number> {
    const ends = new Map<string, number>();
    for (const { state, error } of invariants.jobs().filter(hasEnded)) {
      const end = error === undefined ? state : `${state} ${error.code}`;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    return ends;
  }
}

/** Of a webhook, in base64. */
const SECRET = `whsec_${Buffer.from('a secret of the simulation').toString('base64')}`;

/** The spec of a planned job. Its seed is its place in the plan. */
function specOf(plan: PlannedJob, index: number): JobSpec {
  const { model, maxMinutes } = plan;
  const maxCost = limitedEstimate(plan)?.maxCost;
  return JobSpec.parse({
    name: model,
    dataset: 'photographs',
    training: { seed: index },
    compute: { ...(maxMinutes !== undefined && { maxMinutes }), ...(maxCost !== undefined && { maxCost }) },
    webhook: { url: 'https://receiver.example/graft' },
  });
}

function idOf(message: QueueMessage): string {
  return 'job' in message ? message.job : '';
}
