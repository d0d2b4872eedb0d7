import { firstThatFit } from '../contracts/fit-response.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import type { ModelDiff } from '../contracts/model-diff.ts';
import { ConflictError } from '../errors.ts';
import { readCard } from '../models/model-package.ts';
import { type ResolvedModel, resolveModel } from '../models/registry.ts';
import type { ObjectStore } from '../ports.ts';
import { type AlignedScores, alignScores, type EvaluatedVersion } from './measure/align-scores.ts';
import { changedPredictions } from './measure/changed-predictions.ts';
import { compareCards } from './measure/compare-cards.ts';
import { compareMetrics } from './measure/compare-metrics.ts';
import { evaluatedDataset, nameImages, requireScores } from './read-scores.ts';
import { countImageGroups } from './statistics/image-groups.ts';

/** Limits of the lists: all of a diff must fit into a response of the API. */
const CLASS_BYTES = 1_500_000;
const CHANGE_BYTES = 1_500_000;
const SETTING_BYTES = 500_000;
const LABEL_BYTES = 200_000;
const MOST_LABELS = 1_000;

/** A version of a model. */
export interface VersionRef {
  readonly name: string;
  readonly version: ResolvedModel['version'];
}

/**
 * Compares two model versions on the images that both were evaluated on, from their stored scores: metrics, changed
 * predictions, classes, and the differences of how they were trained.
 * @param before, after references such as `flowers@1` and `flowers:prod`
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_SCORES_MISSING; ConflictError
 * COMMON_IMAGES_MISSING, MODELS_INCOMPATIBLE
 */
export async function diffModels(before: string, after: string, store: ObjectStore): Promise<ModelDiff> {
  const [first, second] = [await resolveModel(before, store), await resolveModel(after, store)];
  const { earlier, later, aligned } = await alignVersions(first, second, store);
  const compared = compareMetrics(aligned);
  const classes = [...compared.classes].sort((a, b) => lossOf(a) - lossOf(b));
  const changes = changedPredictions(aligned, compared);
  const settings = compareCards(earlier.card, later.card);
  return {
    before: describe(first, earlier),
    after: describe(second, later),
    task: later.card.task,
    images: aligned.images.length,
    ...(aligned.groups && { groups: countImageGroups(aligned.groups) }),
    relabelled: aligned.relabelled,
    metrics: compared.metrics,
    mcnemar: compared.mcnemar,
    classes: firstThatFit(classes, { bytes: CLASS_BYTES }),
    classCount: classes.length,
    changes: firstThatFit(changes, { bytes: CHANGE_BYTES }),
    changeCount: changes.length,
    labels: {
      onlyBefore: labelsOnlyOf(earlier.card, later.card),
      onlyAfter: labelsOnlyOf(later.card, earlier.card),
    },
    settings: firstThatFit(settings, { bytes: SETTING_BYTES }),
    settingCount: settings.length,
  };
}

/**
 * Reads the scores of two versions on the images that both were evaluated on.
 * @throws NotFoundError MODEL_SCORES_MISSING; ConflictError COMMON_IMAGES_MISSING, MODELS_INCOMPATIBLE
 */
export async function alignVersions(
  before: VersionRef,
  after: VersionRef,
  store: ObjectStore,
): Promise<{ earlier: EvaluatedVersion; later: EvaluatedVersion; aligned: AlignedScores }> {
  const [earlier, later] = [await readEvaluated(before, store), await readEvaluated(after, store)];
  const at = `${textOf(before)} and ${textOf(after)}`;
  if (earlier.card.task !== later.card.task) {
    throw new ConflictError('MODELS_INCOMPATIBLE', {
      at,
      expected: 'two models of the same task',
      received: `${earlier.card.task} and ${later.card.task}`,
      fix: 'compare versions that were trained for the same task',
    });
  }
  const aligned = alignScores(earlier, later);
  if (aligned.images.length > 0) return { earlier, later, aligned };
  const deleted = [earlier, later].filter(({ images }) => images.size === 0).map(({ card }) => card.spec.dataset);
  throw new ConflictError('COMMON_IMAGES_MISSING', {
    at,
    expected: 'images that both versions were evaluated on',
    received: deleted.length > 0 ? `none: ${deleted.join(' and ')} was deleted` : 'none',
    fix: 'train both versions on data sets with common test images, for example with a split column in the manifest',
  });
}

/** The evaluated images of a version, with their scores. @throws NotFoundError MODEL_SCORES_MISSING */
async function readEvaluated({ version }: VersionRef, store: ObjectStore): Promise<EvaluatedVersion> {
  const scored = await requireScores(version, store);
  const card = await readCard(version, store);
  const { images } = await nameImages(card, scored, new Set(), store);
  return { version: version.version, card, scored, images };
}

function describe({ name, version }: VersionRef, { card, scored }: EvaluatedVersion): ModelDiff['before'] {
  const { createdAt } = card;
  const dataset = evaluatedDataset(card);
  return { model: name, version: version.version, createdAt, dataset, part: scored.facts.part, images: scored.scores.count };
}

function textOf({ name, version }: VersionRef): string {
  return `${name}@${version.version}`;
}

function labelsOnlyOf({ labels }: ModelCard, other: ModelCard): string[] {
  const known = new Set(other.labels);
  return firstThatFit(
    labels.filter((label) => !known.has(label)),
    { bytes: LABEL_BYTES, most: MOST_LABELS },
  );
}

/** The difference of F1; a class without one is last. */
function lossOf({ f1 }: ModelDiff['classes'][number]): number {
  return f1?.difference.value ?? Number.POSITIVE_INFINITY;
}
