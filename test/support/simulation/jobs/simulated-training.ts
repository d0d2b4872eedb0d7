import { randomUUID } from 'node:crypto';
import { type AnyJob, type AnyResult, isTraining } from '../../../../lib/contracts/job.ts';
import { DataError, RuntimeError } from '../../../../lib/errors.ts';
import { attemptCheckpoints } from '../../../../lib/jobs/attempt-checkpoints.ts';
import type { JobContext } from '../../../../lib/jobs/work-on-job.ts';
import { newPackagePrefix } from '../../../../lib/models/model-package.ts';
import { finishPublication, publishPackage } from '../../../../lib/models/publish-package.ts';
import { digestOf } from '../../../../lib/models/served-package.ts';
import type { World } from '../../../../lib/ports.ts';
import { jobResult } from '../../job-result.ts';

/** A training: so many steps of so many seconds, a checkpoint after each, and then a version. */
export interface PlannedTraining {
  readonly steps: number;
  readonly stepSeconds: number;
  /** `data`: its data cannot be trained on; `memory`: each attempt fails, as one that needs more memory. */
  readonly failure: 'none' | 'data' | 'memory';
}

/** Trains as lib/fine-tune.ts does, without any tensor: checkpoints, progress, and a publication of the package. */
export async function simulateTraining(
  { steps, stepSeconds, failure }: PlannedTraining,
  job: AnyJob,
  { signal, report, flush, beginPublishing }: JobContext,
  { store, clock }: World,
): Promise<AnyResult> {
  if (!isTraining(job)) throw new Error(`${job.id} is no training`);
  const earlier = await finishPublication(job, store);
  if (earlier !== undefined) return earlier;
  const checkpoints = attemptCheckpoints(job, 'training', store);
  let done = Number(new TextDecoder().decode(await checkpoints.load()));
  while (done < steps) {
    if (signal.aborted) {
      await checkpoints.save(new TextEncoder().encode(`${done}`));
      throw signal.reason;
    }
    await clock.sleep?.(stepSeconds * 1000);
    if (failure === 'data') throw new DataError('CLASS_TOO_SMALL', { at: job.spec.dataset, fix: 'add images' });
    if (failure === 'memory') throw new RuntimeError('MEMORY_EXHAUSTED', { at: job.id, retryable: true });
    done++;
    report({ stage: 'train', done, total: steps });
    await flush();
    if (!signal.aborted) await checkpoints.save(new TextEncoder().encode(`${done}`));
  }
  signal.throwIfAborted();
  const prefix = newPackagePrefix(job.spec.name, { job: job.id, attempt: job.attempt });
  const { version: _, package: __, ...result } = jobResult;
  await store.put(`${prefix}result.json`, new TextEncoder().encode(JSON.stringify(result)));
  // Times and measured seconds differ, so no two workers write the same card.
  const card = new TextEncoder().encode(JSON.stringify({ job: job.id, writtenBy: randomUUID() }));
  await store.put(`${prefix}card.json`, card);
  const publication = {
    package: prefix,
    cardDigest: digestOf(card),
    createdAt: clock.now().toISOString(),
    backbone: 'efficientnet_lite0',
    dataset: job.spec.dataset,
  };
  const published = await publishPackage(job, publication, store, beginPublishing);
  return { ...result, version: published.version, package: published.package };
}
