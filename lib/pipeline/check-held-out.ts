import { isDeepStrictEqual } from 'node:util';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import { type Split, trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import { splitVersion } from '../datasets/splits/split-version.ts';
import { type Rows, rowsFrom } from '../datasets/tables/rows.ts';
import { type Dataset, openDataset } from '../datasets/versions/dataset-store.ts';
import { DataError, NotFoundError } from '../errors.ts';
import { FROZEN_STRATEGIES } from '../freezing/frozen-strategies.ts';
import { trainsOutputAlone } from '../heads/head-properties.ts';
import { headLayers } from '../heads/presets.ts';
import { readCard } from '../models/model-package.ts';
import { resolveModel } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { countSeen } from './count-seen.ts';

/**
 * The number of a job's training and validation images that the version was trained on that serves as its backbone, also
 * as the same picture in other bytes; `unknown` if a version or its data set was deleted.
 */
export type SeenByBackbone = number | 'unknown';

/** A published version whose training changed the features of a backbone. */
interface TrainedVersion {
  readonly ref: string;
  readonly card: ModelCard;
}

/**
 * Checks that a published version that serves as backbone, and those on which it builds, were not trained on test images
 * of the job, nor on the same pictures in other bytes: the test metrics and the gates would be too good. Images that the
 * job trains on itself are not counted.
 * @throws DataError BACKBONE_TRAINED_ON_TEST; the signal's reason
 */
export async function checkHeldOut(
  spec: Pick<JobSpec, 'backbone' | 'split' | 'training'>,
  { dataset, split }: { readonly dataset: Dataset; readonly split: Split },
  { store, log }: Pick<World, 'store' | 'log'>,
  signal?: AbortSignal,
): Promise<SeenByBackbone> {
  const ref = spec.backbone.own?.version?.ref;
  if (ref === undefined) return 0;
  let most = 0;
  try {
    for await (const version of trainedVersions(ref, store)) {
      const { own, test } = countSeen(await trainedRows(version.card, store, signal), dataset.rows, split);
      if (test > 0) throw trainedOnTest(version, test, spec);
      most = Math.max(most, own);
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    log('split.unchecked', { backbone: ref, code: error.code });
    return 'unknown';
  }
  return most;
}

/** A version and those on which it builds, the last one first, without those of which only the output layer was trained. */
async function* trainedVersions(first: string, store: World['store']): AsyncGenerator<TrainedVersion> {
  for (let ref: string | undefined = first; ref !== undefined; ) {
    const { version } = await resolveModel(ref, store);
    const card: ModelCard = await readCard(version, store);
    if (!FROZEN_STRATEGIES.has(card.strategy.name) || !trainsOutputAlone(headLayers(card.spec.head))) yield { ref, card };
    ref = card.spec.backbone.own?.version?.ref;
  }
}

/** The images that a version was trained on, or that chose its best epoch. */
async function trainedRows(
  { spec, datasetLineage: lineage }: ModelCard,
  store: World['store'],
  signal: AbortSignal | undefined,
): Promise<Rows> {
  const dataset = await openDataset(spec.dataset, store);
  const split = await splitVersion(dataset, spec.split, spec.training.seed, store, { lineage, signal });
  const rows = trainAndValidationRows(split);
  return rowsFrom(rows.length, (number) => dataset.rows.at(rows[number] ?? -1));
}

function trainedOnTest({ ref, card }: TrainedVersion, tested: number, spec: Pick<JobSpec, 'split' | 'training'>): DataError {
  const { split, training } = card.spec;
  const hasItsSplit = isDeepStrictEqual(split, spec.split) && training.seed === spec.training.seed;
  return new DataError('BACKBONE_TRAINED_ON_TEST', {
    at: 'backbone',
    expected: `test images that ${ref} was not trained on, in these or other bytes`,
    received: `${tested} that it was`,
    fix: hasItsSplit
      ? 'assign these images to train in the manifest, remove them, or use another backbone'
      : `with the same data set, use its split: training.seed ${training.seed}, and split ${split.train}, ` +
        `${split.validation} and ${split.test}; else assign these images to train in the manifest`,
  });
}
