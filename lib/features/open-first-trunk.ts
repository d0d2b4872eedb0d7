import type { JobSpec } from '../contracts/job-spec.ts';
import { openDataset } from '../datasets/versions/dataset-store.ts';
import type { ObjectStore } from '../ports.ts';
import { startTensors } from '../tensor/start-tensors.ts';
import { firstTrunkEnd } from './first-trunk-end.ts';
import { openTrunk } from './open-trunk.ts';
import type { Trunk } from './trunk.ts';

/** The trunk whose features a job computes first. */
export interface FirstTrunk {
  readonly trunk: Trunk;
  /** SHA-256 of each image of the data set, in the order of its rows. */
  readonly images: readonly string[];
}

/**
 * Opens the trunk whose features a job computes first, for machines that compute them before the training. It must be
 * the trunk that the training opens first: `planStrategy` chooses it, or `trainDetector` for a one-class model, by the
 * number of training images. Before the split, that number is about the split's share of all images. If the training
 * begins with another trunk, it computes the features of that one itself.
 * @param signal ends the download of weights
 * @throws as openDataset and openTrunk
 */
export async function openFirstTrunk(spec: JobSpec, store: ObjectStore, signal: AbortSignal): Promise<FirstTrunk> {
  await startTensors();
  const { rows } = await openDataset(spec.dataset, store);
  const end = firstTrunkEnd(spec, rows.length * spec.split.train);
  const trunk = await openTrunk(spec.backbone, end, store, signal);
  return { trunk, images: rows.map(({ sha256 }) => sha256) };
}
