import { type AnyJob, InterimResult, isTraining, JobProgress } from '../contracts/job.ts';
import { errorJson } from '../errors.ts';
import type { JobAttempt, Log, World } from '../ports.ts';
import type { EventLog } from './event-log.ts';
import { changeJob } from './job-store.ts';
import { type Heartbeat, isReplaced, LEASE_SECONDS, leaseRenewed } from './life-cycle.ts';
import { parseOrDrop } from './parse-or-drop.ts';
import { startOnce } from './start-once.ts';
import type { TimeLimit } from './time-limit.ts';

/** The heartbeats of an attempt. Each renews the lease with the latest progress, and learns what was asked of the job. */
export interface Heartbeats {
  /**
   * Starts the job, and the regular heartbeats.
   * @returns the job
   * @throws ConflictError ATTEMPT_REPLACED
   */
  start(): Promise<AnyJob>;
  /** The next heartbeat has the progress. Sends one now, unless the last is less than a second ago. */
  report(progress: JobProgress): void;
  /** Sends a heartbeat with the interim result. */
  reportInterim(interim: InterimResult): void;
  /** Notes a result that later attempts use. Sends a heartbeat as `report` does. */
  noteKept(): void;
  /** Waits for a heartbeat that is being written. */
  written(): Promise<void>;
  /** Aborted if a heartbeat learns that the attempt was replaced or the job was cancelled. */
  readonly replaced: AbortSignal;
  /** Aborted if a heartbeat learns that the user asks the training to publish its interim result. */
  readonly finish: AbortSignal;
  /** Ends the regular heartbeats, and waits for one that is being written. */
  stop(): Promise<void>;
}

/** What goes with each heartbeat. */
interface HeartbeatOptions {
  /** Its events are written after the job's record. */
  readonly events: EventLog;
  /** Is checked before. */
  readonly limit: TimeLimit;
  /** Whether the compute may call another worker for the same attempt. */
  readonly mayBeCalledAgain: boolean;
}

/** Prepares the heartbeats of an attempt; none is sent before they start. */
export function openHeartbeats(
  { job: id, attempt }: JobAttempt,
  world: World,
  { events, limit, mayBeCalledAgain }: HeartbeatOptions,
): Heartbeats {
  const replaced = new AbortController();
  const finish = new AbortController();
  let content: Heartbeat = {};
  let kept = 0;
  let writing: Promise<void> = Promise.resolve();
  let lastSent = 0;
  let timer: NodeJS.Timeout | undefined;

  const now = () => world.clock.now();
  const logDropped: Log = (event, values) => world.log(event, { job: id, attempt, ...values });

  function noteRequest(job: AnyJob): void {
    if (isTraining(job) && job.finishRequested !== undefined) finish.abort();
  }

  const renewed = (job: AnyJob): AnyJob =>
    leaseRenewed(job, attempt, now(), { ...content, kept, workedSeconds: limit.workedSeconds() });

  function send(): void {
    limit.check();
    writing = writing
      .then(() => changeJob(id, world.store, renewed))
      .then(({ after }) => noteRequest(after))
      .catch((error) => {
        if (isReplaced(error)) replaced.abort(error);
        else world.log('lease.failed', { job: id, error: errorJson(error) });
      })
      .then(events.flush);
    lastSent = now().getTime();
  }

  function sendSoon(): void {
    limit.check();
    if (now().getTime() - lastSent >= 1000) send();
  }

  return {
    async start() {
      const job = mayBeCalledAgain
        ? await startOnce({ job: id, attempt }, world)
        : (await changeJob(id, world.store, (current) => leaseRenewed(current, attempt, now()))).after;
      noteRequest(job);
      timer = setInterval(send, (LEASE_SECONDS * 1000) / 3);
      return job;
    },
    report(progress) {
      const parsed = parseOrDrop(JobProgress, progress, 'progress.dropped', logDropped);
      if (parsed !== undefined) content = { ...content, progress: parsed };
      events.progress(progress);
      sendSoon();
    },
    reportInterim(interim) {
      const parsed = parseOrDrop(InterimResult, interim, 'interim.dropped', logDropped);
      if (parsed !== undefined) content = { ...content, interim: parsed };
      events.interim(interim);
      send();
    },
    noteKept() {
      kept++;
      sendSoon();
    },
    written: () => writing,
    replaced: replaced.signal,
    finish: finish.signal,
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}
