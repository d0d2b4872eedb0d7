import { at, at32 } from '../arithmetic.ts';
import type { EvaluatedImage, EvaluatedImageList, EvaluatedImageQuery } from '../contracts/evaluated-images.ts';
import { firstThatFit, fitPage } from '../contracts/fit-response.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import { listImages } from '../datasets/versions/list-images.ts';
import { SpecError } from '../errors.ts';
import { readCard } from '../models/model-package.ts';
import { resolveModel } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { decisionsOf, type LabelledLogits, probabilitiesOf } from '../training/metrics/labelled-logits.ts';
import { badnessOf, certaintyOf, highestOf, rightRows } from './measure/pick-images.ts';
import { rounded } from './measure/rounded.ts';
import { shortenLabel } from './measure/shorten-label.ts';
import { evaluatedDataset, requireScores } from './read-scores.ts';

/** The most probable labels of an image, if one of them is predicted. */
const MOST_LABELS = 5;
/** Of an image's predicted labels, if there may be several: all, unless thousands of long ones are predicted. */
const LABEL_BYTES = 1_000_000;
/** Labels that an error names. */
const MOST_NAMED = 20;
/** Bins of one percent, and one for a confidence of exactly 1. */
const BINS = 101;

/** The evaluated images as columns, by their index in the scores. */
interface Evaluation {
  readonly scores: LabelledLogits;
  readonly labels: readonly string[];
  /** [count, classes] */
  readonly probabilities: Float64Array;
  readonly decisions: Uint8Array;
  readonly isRight: readonly boolean[];
  /** The index of each among the data set's labelled images, [count]. */
  readonly rows: readonly number[];
  readonly confidences: Float64Array;
}

/**
 * Lists a page of the images that a version was evaluated on, with its predictions and a signed download request for
 * each.
 * @param ref `NAME`, `NAME@VERSION` or `NAME:ALIAS`
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_SCORES_MISSING, DATASET_NOT_FOUND,
 * DATASET_VERSION_NOT_FOUND; SpecError EVALUATED_LABEL_UNKNOWN
 */
export async function listEvaluatedImages(
  ref: string,
  query: EvaluatedImageQuery,
  world: Pick<World, 'store' | 'clock'>,
): Promise<EvaluatedImageList> {
  const { store } = world;
  const { name, version } = await resolveModel(ref, store);
  const { facts, scores, rows } = await requireScores(version, store);
  const card = await readCard(version, store);
  const of = query.of === undefined ? undefined : numberOf(query.of, 'of', card);
  const evaluation = evaluate(scores, rows, card, of);
  const matching = filterIndexes(evaluation, query, card);
  const indexes = sortIndexes(
    matching.filter((index) => isWithin(at(evaluation.confidences, index), query)),
    query.order,
    evaluation,
    card,
  );
  const start = query.after ?? 0;
  const wanted = indexes.slice(start, start + query.limit);
  const dataset = evaluatedDataset(card);
  const { images, expiresAt } = await describeImages(wanted, dataset, evaluation, world);
  const end = start + wanted.length;
  const page = fitPage(images, end < indexes.length ? String(end) : undefined, ({ row }) =>
    String(start + images.findIndex((image) => image.row === row) + 1),
  );
  return {
    model: name,
    version: version.version,
    part: facts.part,
    dataset,
    count: indexes.length,
    bins: binConfidences(matching, evaluation, of),
    images: page.items,
    expiresAt,
    ...(page.next !== undefined && { next: page.next }),
  };
}

function evaluate(
  scores: LabelledLogits,
  rows: readonly number[],
  { labels, thresholds }: ModelCard,
  of: number | undefined,
): Evaluation {
  const { count, classes } = scores;
  const probabilities = probabilitiesOf(scores);
  const confidences =
    of === undefined
      ? highestOf(scores, probabilities)
      : Float64Array.from({ length: count }, (_, index) => at(probabilities, index * classes + of));
  return {
    scores,
    labels,
    probabilities,
    decisions: decisionsOf(scores, thresholds),
    isRight: rightRows(scores, thresholds),
    rows,
    confidences,
  };
}

/** The indexes that match all filters but those of the confidence. */
function filterIndexes(evaluation: Evaluation, query: EvaluatedImageQuery, card: ModelCard): number[] {
  const { scores, decisions, isRight, rows } = evaluation;
  const { count, classes, targets } = scores;
  const truth = query.label === undefined ? undefined : numberOf(query.label, 'label', card);
  const predicted = query.predicted === undefined ? undefined : numberOf(query.predicted, 'predicted', card);
  const wantedRows = query.rows && new Set(query.rows);
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) =>
      (truth === undefined || at32(targets, index * classes + truth) > 0.5) &&
      (predicted === undefined || decisions[index * classes + predicted] === 1) &&
      (query.right === undefined || isRight[index] === query.right) &&
      (wantedRows === undefined || wantedRows.has(rows[index] ?? 0)),
  );
}

function isWithin(confidence: number, { from = 0, below = Number.POSITIVE_INFINITY }: EvaluatedImageQuery): boolean {
  return confidence >= from && confidence < below;
}

function sortIndexes(
  indexes: readonly number[],
  order: EvaluatedImageQuery['order'],
  { scores, probabilities, confidences, rows }: Evaluation,
  { thresholds }: ModelCard,
): number[] {
  const byPath = (a: number, b: number) => (rows[a] ?? 0) - (rows[b] ?? 0);
  if (order === 'path') return indexes.toSorted(byPath);
  if (order === 'unsure') {
    const certainty = certaintyOf(scores, probabilities, thresholds);
    return indexes.toSorted((a, b) => at(certainty, a) - at(certainty, b) || byPath(a, b));
  }
  const high = order === 'worst' ? badnessOf(scores, probabilities) : confidences;
  return indexes.toSorted((a, b) => at(high, b) - at(high, a) || byPath(a, b));
}

/** Without the bins, each movement of a threshold would need a request. */
function binConfidences(
  indexes: readonly number[],
  { scores: { classes, targets }, isRight, confidences }: Evaluation,
  of: number | undefined,
): EvaluatedImageList['bins'] {
  const bins = Array.from({ length: BINS }, () => ({ images: 0, right: 0 }));
  for (const index of indexes) {
    const bin = bins[percentOf(at(confidences, index))];
    if (bin === undefined) continue;
    bin.images++;
    if (of === undefined ? isRight[index] : at32(targets, index * classes + of) > 0.5) bin.right++;
  }
  return bins;
}

/** The largest whole percentage that a confidence reaches, by the comparison that a filter makes with it. */
function percentOf(confidence: number): number {
  const near = Math.round(confidence * 100);
  return Math.max(0, confidence >= near / 100 ? near : near - 1);
}

async function describeImages(
  indexes: readonly number[],
  dataset: string,
  { scores, labels, probabilities, decisions, isRight, rows, confidences }: Evaluation,
  world: Pick<World, 'store' | 'clock'>,
): Promise<{ images: EvaluatedImage[]; expiresAt: string }> {
  const { task, classes, targets } = scores;
  const wanted = indexes.map((index) => rows[index] ?? 0).sort((a, b) => a - b);
  // Scores count the labelled images only: a training leaves out the others.
  const listed = await listImages(dataset, world, { unlabelled: false, rows: wanted, limit: wanted.length });
  const byRow = new Map(wanted.map((row, i) => [row, listed.images[i]]));
  const images = indexes.flatMap((index): EvaluatedImage[] => {
    const row = rows[index] ?? 0;
    const image = byRow.get(row);
    if (image === undefined) return [];
    const { path, sha256, width, height, request } = image;
    const own = labels.map((label, of) => ({
      label,
      probability: rounded(at(probabilities, index * classes + of)),
      isPredicted: decisions[index * classes + of] === 1,
      isTrue: at32(targets, index * classes + of) > 0.5,
    }));
    const predicted = own
      .filter(({ isPredicted }) => task === 'single-label' || isPredicted)
      .sort((a, b) => Number(b.isPredicted) - Number(a.isPredicted) || b.probability - a.probability)
      .map(({ label, probability }) => ({ label, probability }));
    return [
      {
        path,
        labels: own.flatMap(({ label, isTrue }) => (isTrue ? [label] : [])),
        sha256,
        width,
        height,
        ...(request && { request }),
        row,
        predicted: task === 'single-label' ? predicted.slice(0, MOST_LABELS) : firstThatFit(predicted, { bytes: LABEL_BYTES }),
        isRight: isRight[index] === true,
        confidence: rounded(at(confidences, index)),
      },
    ];
  });
  return { images, expiresAt: listed.expiresAt };
}

/** The number of a label; reports shorten long ones. @throws SpecError EVALUATED_LABEL_UNKNOWN */
function numberOf(label: string, member: string, { labels, model }: ModelCard): number {
  const exact = labels.indexOf(label);
  const found = exact >= 0 ? exact : labels.findIndex((one) => shortenLabel(one) === label);
  if (found >= 0) return found;
  throw new SpecError('EVALUATED_LABEL_UNKNOWN', {
    at: member,
    expected: `a label of ${model}: ${labels.slice(0, MOST_NAMED).join(', ')}${labels.length > MOST_NAMED ? ', ...' : ''}`,
    received: label,
    fix: 'choose one of its labels, or none for all images',
  });
}
