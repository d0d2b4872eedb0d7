import { z } from 'zod';
import { type AnyJob, isTraining } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { withExternalImages } from '../../lib/datasets/external/external-store.ts';
import { errorJson, UsageError } from '../../lib/errors.ts';
import { type ExtractionPart, extractPart } from '../../lib/features/extraction-part.ts';
import { openFirstTrunk } from '../../lib/features/open-first-trunk.ts';
import { countKept } from '../../lib/jobs/count-kept.ts';
import { noteKept } from '../../lib/jobs/note-kept.ts';
import { workOnPart } from '../../lib/jobs/work-on-part.ts';
import { checkDevice } from '../../lib/onnx/check-device.ts';
import { processorKind } from '../../lib/onnx/processor-kind.ts';
import { selectedDevice } from '../../lib/onnx/selected-device.ts';
import type { JobAttempt, World } from '../../lib/ports.ts';

const Arguments = z
  .object({
    job: JobId,
    attempt: z.coerce.number().int().min(1),
    count: z.coerce.number().int(),
    index: z.coerce.number().int().min(0),
  })
  .refine(({ count, index }) => index < count);

/**
 * Extracts one machine's part of the features that a job's training starts with: `part JOB ATTEMPT COUNT [INDEX]`. In
 * an array job of AWS Batch, INDEX defaults to the index of the child.
 * @throws UsageError PART_INVALID; as workOnPart
 */
export async function extractJobPart(
  [job, attempt, count, index]: readonly (string | undefined)[],
  environment: NodeJS.ProcessEnv,
  world: World,
  stop: AbortSignal,
): Promise<void> {
  const asked = Arguments.safeParse({ job, attempt, count, index: index ?? environment.AWS_BATCH_JOB_ARRAY_INDEX ?? '0' });
  if (!asked.success) {
    const expected = 'a job, its attempt, a count, and an index from 0 to below it';
    throw new UsageError('PART_INVALID', { expected, received: [job, attempt, count, index].join(' ') });
  }
  const part = asked.data;
  await workOnPart(part, (record, signal) => extract(record, part, world, signal), world, stop);
}

async function extract(job: AnyJob, part: ExtractionPart & JobAttempt, world: World, signal: AbortSignal): Promise<void> {
  if (!isTraining(job)) return;
  const { spec } = job;
  const { index, count } = part;
  let noted: Promise<void> | undefined;
  const onKept = () => {
    noted ??= noteKept(part, world.store).catch((error: unknown) =>
      world.log('kept.not-noted', { job: job.id, error: errorJson(error) }),
    );
  };
  const counted = { ...world, store: countKept(world.store, onKept) };
  await checkDevice(selectedDevice());
  const { store, log } = await withExternalImages(spec.dataset, counted);
  const { trunk, images } = await openFirstTrunk(spec, store, signal);
  const extraction = extractPart(trunk, images, { index, count }, { store, signal, log, onProgress: () => {} });
  const work = await extraction.finally(() => noted);
  log('features.part', { job: job.id, trunk: trunk.key, index, count, ...work, processor: processorKind() });
}
