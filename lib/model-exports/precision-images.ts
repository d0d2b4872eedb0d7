import { spreadEvenly } from '../arithmetic.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import { readStoredImages, streamStoredImages } from '../datasets/files/read-images.ts';
import { splitVersion } from '../datasets/splits/split-version.ts';
import { openDataset } from '../datasets/versions/dataset-store.ts';
import { networkInput } from '../images/fit-to-input.ts';
import type { ObjectStore } from '../ports.ts';
import { countCalibrationImages } from '../quantization/count-calibration-images.ts';

/** The images on which a model with less precision is made and compared. */
export interface PrecisionImages {
  /** Training images: float32 [height, width, 3] each, RGB 0..255. */
  readonly calibration: readonly Float32Array[];
  /** Ends with the reason of the signal that opened the images, if it is aborted. */
  readonly test: AsyncIterable<Float32Array>;
  /** [test images, labels] of the model, each 0 or 1. */
  readonly targets: Float32Array;
  readonly testCount: number;
}

const CALIBRATION_IMAGES = 96;

/**
 * Opens the images of a model's data set in the split of its job.
 * @throws as openDataset and splitVersion; the errors of the images; the signal's reason
 */
export async function openPrecisionImages(
  { spec, datasetLineage: lineage, labels, input }: ModelCard,
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<PrecisionImages> {
  const dataset = await openDataset(spec.dataset, store);
  const split = await splitVersion(dataset, spec.split, spec.training.seed, store, { lineage, signal });
  const wanted = networkInput(input);
  const imagesOf = (rows: readonly number[]) => rows.map((row) => dataset.rows.at(row)?.sha256 ?? '');
  const calibrated = spreadEvenly(split.train, countCalibrationImages(CALIBRATION_IMAGES, wanted.inputSize));
  const calibration = await readStoredImages(imagesOf(calibrated), wanted, store, signal);
  const columns = dataset.labels.map((label) => labels.indexOf(label));
  const targets = new Float32Array(split.test.length * labels.length);
  split.test.forEach((row, index) => {
    for (const label of dataset.targets[row] ?? []) {
      const column = columns[label] ?? -1;
      if (column >= 0) targets[index * labels.length + column] = 1;
    }
  });
  const test = streamStoredImages(imagesOf(split.test), wanted, store, signal);
  return { calibration, test, targets, testCount: split.test.length };
}
