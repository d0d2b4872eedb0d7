import { mean } from '../arithmetic.ts';
import { type Drift, type DriftTest, FEWEST_KEPT } from '../contracts/drift.ts';
import type { KeptPrediction } from '../contracts/keeping.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import { ConflictError } from '../errors.ts';
import { type KeptEntry, sampleKept } from '../models/kept-predictions.ts';
import { readCard } from '../models/model-package.ts';
import { type ResolvedModel, resolveModel } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { rounded } from './measure/rounded.ts';
import type { ScoredImages } from './measure/scored-images.ts';
import { topLabels } from './measure/top-labels.ts';
import { requireScores } from './read-scores.ts';
import { compareCounts } from './statistics/chi-squared.ts';
import { holm } from './statistics/holm.ts';
import { criticalDifference, kolmogorovSmirnov } from './statistics/kolmogorov-smirnov.ts';

/** More hardly change a result. */
const MOST_KEPT = 10_000;
/** Among many predictions, chance alone never explains a difference, so a change must also be large enough to matter. */
const LIMITS = { pValue: 0.01, effect: 0.1 };
/** Classes of the result. */
const MOST_CLASSES = 100;

/** What is compared: the kept predictions, and the version's evaluation. */
interface Compared {
  readonly kept: readonly KeptPrediction[];
  readonly scored: ScoredImages;
  readonly card: ModelCard;
}

type Test = Omit<DriftTest, 'adjustedPValue' | 'changed' | 'smallestChange'> & {
  /** Numbers that a Kolmogorov-Smirnov test compared. */
  readonly compared?: readonly [evaluated: number, kept: number];
};

/**
 * Compares the predictions that a version has kept with those on the images that it was evaluated on: the predicted
 * labels, the confidence and the novelty scores.
 * @param ref `NAME`, `NAME@VERSION` or `NAME:ALIAS`
 * @param days the last days whose predictions count
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_SCORES_MISSING; ConflictError
 * KEPT_PREDICTIONS_TOO_FEW
 */
export async function measureDrift(
  ref: string,
  { days }: { readonly days: number },
  { store, clock }: Pick<World, 'store' | 'clock'>,
): Promise<Drift> {
  const resolved = await resolveModel(ref, store);
  const scored = await requireScores(resolved.version, store);
  const card = await readCard(resolved.version, store);
  const entries = await sampleKept(resolved, clock.now(), store, { days, most: MOST_KEPT });
  const kept = entries.map(({ prediction }) => prediction);
  if (kept.length < FEWEST_KEPT) throw tooFew(ref, days, kept.length, resolved);
  const times = kept.map(({ at }) => at).sort();
  const compared = { kept, scored, card };
  const { test: ofClasses, classes } = compareClasses(compared);
  const unknown = compareUnknown(compared);
  const tests = corrected([
    ...(ofClasses === undefined ? [] : [ofClasses]),
    compareConfidence(compared),
    ...('test' in unknown ? [unknown.test] : []),
  ]);
  return {
    model: resolved.name,
    version: resolved.version.version,
    drifted: tests.some(({ changed }) => changed),
    kept: { predictions: kept.length, days, from: times[0] ?? '', to: times.at(-1) ?? '' },
    evaluated: { part: scored.facts.part, images: scored.scores.count },
    limits: LIMITS,
    tests,
    omitted: [
      ...(ofClasses === undefined ? [{ of: 'classes' as const, reason: tooFewOfClass(compared) }] : []),
      ...('reason' in unknown ? [{ of: 'unknownScore' as const, reason: unknown.reason }] : []),
    ],
    classes,
    ...('shares' in unknown && { unknown: unknown.shares }),
    days: byDay(entries),
  };
}

function compareClasses({ kept, scored, card: { labels } }: Compared): {
  readonly test: Test | undefined;
  readonly classes: Drift['classes'];
} {
  const numbers = new Map(labels.map((label, of) => [label, of]));
  const evaluated = countOf(topLabels(scored.scores).classes, labels.length);
  const now = countOf(
    kept.flatMap(({ label }) => numbers.get(label) ?? []),
    labels.length,
  );
  const counts = compareCounts(evaluated, now);
  const classes = labels
    .map((label, of) => ({
      label,
      evaluated: rounded((evaluated[of] ?? 0) / scored.scores.count),
      kept: rounded((now[of] ?? 0) / kept.length),
    }))
    .sort((a, b) => Math.abs(b.kept - b.evaluated) - Math.abs(a.kept - a.evaluated))
    .slice(0, MOST_CLASSES);
  if (counts === undefined) return { test: undefined, classes };
  const { statistic, degrees, pValue, distance } = counts;
  return { test: { of: 'classes', method: 'chi-squared', statistic, degrees, effect: distance, pValue }, classes };
}

/** Why the classes cannot be compared: the smaller sample determines how many of a class are expected. */
function tooFewOfClass({ kept, scored: { facts, scores } }: Compared): string {
  return kept.length < scores.count
    ? 'There are too few kept predictions for each class; count more days, or keep a larger share.'
    : `There are too few ${facts.part} images for each class; evaluate a version on more images.`;
}

function compareConfidence({ kept, scored }: Compared): Test {
  const evaluated = topLabels(scored.scores).confidences;
  return compareNumbers(
    'confidence',
    evaluated,
    kept.map(({ confidence }) => confidence),
  );
}

function compareUnknown({
  kept,
  scored,
  card,
}: Compared): { readonly test: Test; readonly shares: NonNullable<Drift['unknown']> } | { readonly reason: string } {
  if (card.novelty === undefined || 'omitted' in card.novelty) return { reason: 'The model has no novelty score.' };
  if (scored.novelty === undefined) return { reason: 'The version stores no novelty scores; train the model again.' };
  const { threshold } = card.novelty;
  const evaluated = [...scored.novelty];
  const scores = kept.flatMap(({ unknownScore }) => unknownScore ?? []);
  const shares = { evaluated: shareAbove(evaluated, threshold), kept: shareAbove(scores, threshold) };
  return { test: compareNumbers('unknownScore', evaluated, scores), shares };
}

function compareNumbers(of: 'confidence' | 'unknownScore', evaluated: readonly number[], kept: readonly number[]): Test {
  const { statistic, pValue } = kolmogorovSmirnov(evaluated, kept);
  const means = { evaluated: rounded(mean(evaluated)), kept: rounded(mean(kept)) };
  const compared = [evaluated.length, kept.length] as const;
  return { of, method: 'kolmogorov-smirnov', statistic, effect: statistic, pValue, means, compared };
}

function corrected(tests: readonly Test[]): DriftTest[] {
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  return tests.map(({ compared, ...test }, i) => {
    const adjustedPValue = adjusted[i] ?? 0;
    const changed = adjustedPValue < LIMITS.pValue && test.effect >= LIMITS.effect;
    const smallestChange = compared && smallestChangeOf(compared, tests.length);
    return {
      ...test,
      statistic: rounded(test.statistic),
      effect: rounded(test.effect),
      adjustedPValue,
      changed,
      ...(smallestChange !== undefined && { smallestChange: rounded(smallestChange) }),
    };
  });
}

/** Holm's correction is at most the number of tests. */
function smallestChangeOf(compared: readonly [number, number], tests: number): number {
  return Math.min(1, Math.max(LIMITS.effect, criticalDifference(...compared, LIMITS.pValue / tests)));
}

function byDay(entries: readonly KeptEntry[]): Drift['days'] {
  const days = Map.groupBy(entries, ({ prediction }) => prediction.at.slice(0, 10));
  return [...days].map(([day, ofDay]) => {
    const known = ofDay.flatMap(({ prediction }) => prediction.known ?? []);
    return {
      day,
      predictions: ofDay.length,
      confidence: rounded(mean(ofDay.map(({ prediction }) => prediction.confidence))),
      ...(known.length > 0 && { unknown: rounded(known.filter((is) => !is).length / known.length) }),
    };
  });
}

function countOf(classes: readonly number[], count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (const of of classes) counts[of] = (counts[of] ?? 0) + 1;
  return counts;
}

function shareAbove(scores: readonly number[], threshold: number): number {
  return rounded(scores.filter((score) => score > threshold).length / Math.max(1, scores.length));
}

function tooFew(at: string, days: number, received: number, { name, version, keeping }: ResolvedModel): ConflictError {
  return new ConflictError('KEPT_PREDICTIONS_TOO_FEW', {
    at,
    expected: `at least ${FEWEST_KEPT} predictions that ${name}@${version.version} has kept in the last ${days} days`,
    received,
    fix: moreKept(name, keeping),
  });
}

function moreKept(name: string, keeping: ResolvedModel['keeping']): string {
  if (keeping === undefined) return `keep some of the predictions: graft keep ${name} --share 0.1`;
  if (keeping.share === 1) return 'predict more images, or count more days';
  return `wait for more, count more days, or keep more: graft keep ${name} --share 1`;
}
