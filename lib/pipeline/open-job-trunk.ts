import type { NetworkInput } from '../contracts/network-input.ts';
import { readStoredImages } from '../datasets/files/read-images.ts';
import { RuntimeError } from '../errors.ts';
import { type CalibrationImages, openInt8Trunk } from '../features/int8-trunk.ts';
import { openTrunk } from '../features/open-trunk.ts';
import type { Trunk, TrunkEnd } from '../features/trunk.ts';
import { openOnce } from '../open-once.ts';
import type { ObjectStore } from '../ports.ts';
import type { TrainingContext } from './training-context.ts';

/**
 * Opens the trunk whose features a job trains on, in the precision that it chose.
 * @throws RuntimeError TRUNK_CHANGED; as openTrunk and openInt8Trunk
 */
export async function openJobTrunk(end: TrunkEnd, { job, world, jobContext, precision }: TrainingContext): Promise<Trunk> {
  const trunk = await openTrunk(job.spec.backbone, end, world.store, jobContext.signal);
  // Without calibration images, the backbone's own graph has int8 layers.
  if (precision?.used !== 'int8' || precision.calibrationImages.length === 0) return trunk;
  const calibration = calibrationOf(precision.calibrationImages, trunk, { store: world.store, signal: jobContext.signal });
  const int8 = await openInt8Trunk(trunk, calibration, world.store);
  if (!('why' in int8)) return int8;
  throw new RuntimeError('TRUNK_CHANGED', {
    at: `job ${job.id}`,
    expected: 'the backbone that an earlier attempt quantized to int8',
    received: `a backbone that cannot be: ${int8.why}`,
    fix: 'submit the job again: it compares both precisions again',
  });
}

/** The calibration images of a trunk with this input, which are decoded once. @param images SHA-256 of each */
export function calibrationOf(
  images: readonly string[],
  input: NetworkInput,
  { store, signal }: { readonly store: ObjectStore; readonly signal: AbortSignal },
): CalibrationImages {
  const { get: read } = openOnce(() => readStoredImages(images, input, store, signal));
  return { images, signal, read };
}
