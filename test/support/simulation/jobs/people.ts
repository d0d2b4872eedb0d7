import { isTraining } from '../../../../lib/contracts/job.ts';
import type { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import { asGraftError } from '../../../../lib/errors.ts';
import { cancelJob } from '../../../../lib/jobs/cancel-job.ts';
import { readJob } from '../../../../lib/jobs/job-store.ts';
import { retryJob } from '../../../../lib/jobs/retry-job.ts';
import { submitJob } from '../../../../lib/jobs/submit-job.ts';
import { readAlias, setAlias } from '../../../../lib/models/aliases.ts';
import { readModel } from '../../../../lib/models/registry.ts';
import type { Compute, World } from '../../../../lib/ports.ts';
import { newId } from '../../../../lib/store/new-id.ts';
import { persist } from '../persist.ts';
import type { Target } from './simulated-compute.ts';
import { estimateOf, type LimitedEstimate, machineEstimate, type PlannedExtraction } from './simulated-extraction.ts';
import type { PlannedTraining } from './simulated-training.ts';

/** A job that somebody submits. */
export interface PlannedJob extends PlannedTraining {
  readonly model: string;
  readonly target: Target;
  readonly afterSeconds: number;
  /** Seconds after the submission at which somebody cancels it. */
  readonly cancelledAfter?: number | undefined;
  /** Whether somebody retries it, once it has failed or was cancelled. */
  readonly isRetried: boolean;
  readonly maxMinutes?: number | undefined;
  /** Without it, the training extracts its own features. */
  readonly extraction?: PlannedExtraction | undefined;
  /** Seconds of its machine that its limit of cost allows, if it extracts its own features. Without it, it has no limit. */
  readonly machineSeconds?: number | undefined;
}

/** The estimate of a planned job, and its limit of cost; undefined if it has neither. */
export function limitedEstimate({
  extraction,
  machineSeconds,
}: Pick<PlannedJob, 'extraction' | 'machineSeconds'>): LimitedEstimate | undefined {
  if (extraction !== undefined) return estimateOf(extraction);
  return machineSeconds === undefined ? undefined : machineEstimate(machineSeconds);
}

interface Person {
  /** Remembers that a job was accepted. */
  readonly acknowledge: (id: string) => void;
}

/** Submits a job, again and again with the same id if the request fails. */
export async function submit(
  { id, spec, plan }: { readonly id: string; readonly spec: JobSpec; readonly plan: PlannedJob },
  world: World,
  { acknowledge }: Person,
): Promise<void> {
  await persist(() => submitJob(spec, world, { id, estimate: limitedEstimate(plan)?.estimate }), world);
  acknowledge(id);
}

export async function cancel(id: string, compute: Compute, world: World): Promise<void> {
  await persist(() => cancelJob(id, compute, world), world).catch(ignore('JOB_PUBLISHING', 'JOB_NOT_FOUND'));
}

export async function retry(id: string, world: World, { acknowledge }: Person): Promise<void> {
  const next = newId('job', world.clock.now());
  try {
    await persist(
      () =>
        retryJob(
          id,
          world,
          () => next,
          () => estimateAsBefore(id, world),
        ),
      world,
    );
    acknowledge(next);
  } catch (error) {
    ignore('JOB_NOT_RETRYABLE', 'JOB_NOT_FOUND')(error);
  }
}

/** The estimate of a job that is retried: its data set is not in the store, so that nothing can be estimated. */
async function estimateAsBefore(id: string, world: World) {
  const job = await readJob(id, world.store);
  if (!isTraining(job) || job.estimate === undefined) throw new TypeError(`no estimate of ${id}`);
  return { estimate: job.estimate };
}

/** Points `prod` to the latest version, only from the version that was read. */
export async function promote(name: string, world: World): Promise<void> {
  const move = async () => {
    const { aliases } = await readModel(name, world.store);
    const seen = await readAlias(name, 'prod', world.store).catch((error: unknown) => ignore('ALIAS_NOT_FOUND')(error));
    const version = aliases.latest ?? 1;
    await setAlias(
      { name, alias: 'prod', version, at: world.clock.now() },
      world.store,
      (current) => current?.version === seen?.version,
    );
  };
  await persist(move, world).catch(ignore('PRECONDITION_FAILED', 'MODEL_NOT_FOUND'));
}

function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(asGraftError(error).code)) throw error;
  };
}
