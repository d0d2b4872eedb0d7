import type { Dataset } from '../datasets/versions/dataset-store.ts';
import { readSuspects, writeSuspects } from '../datasets/versions/report-store.ts';
import type { World } from '../ports.ts';
import type { FeatureSet } from './feature-set.ts';
import { suspectLabels } from './suspect-labels.ts';

/**
 * Stores the images whose label may be wrong beside the report of a data set, unless an earlier training did.
 * @throws the signal's reason if aborted
 */
export async function reportSuspects(
  features: FeatureSet,
  dataset: Dataset,
  { store, log }: Pick<World, 'store' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  if ((await readSuspects(dataset, store)) !== undefined) return;
  const report = await suspectLabels(features, dataset, signal);
  if (report === undefined) return;
  await writeSuspects(dataset, report, store);
  log('dataset.suspects', { dataset: dataset.name, digest: dataset.digest, checked: report.checked, found: report.found });
}
