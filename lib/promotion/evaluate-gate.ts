import type { Gate } from '../contracts/gate.ts';
import type { GateFailure, GateVerdict } from '../contracts/gate-verdict.ts';
import { GraftError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { alignVersions, type VersionRef } from '../reports/diff-models.ts';
import type { EvaluatedVersion } from '../reports/measure/align-scores.ts';
import { compareMetrics } from '../reports/measure/compare-metrics.ts';
import { isUnreadableEvaluation } from '../reports/read-scores.ts';
import { applyRules } from './apply-rules.ts';

/** The most failures of a verdict. */
const MOST_FAILURES = 20;
/** Characters of a text of a failure, which has the name of a class. */
const LONGEST_TEXT = 300;

/** Fewer common images prove nothing, unless a version was not evaluated on more. */
const FEWEST_COMMON = 20;

/** Errors that mean that two versions that can be read cannot be compared. */
const INCOMPARABLE = ['COMMON_IMAGES_MISSING', 'MODELS_INCOMPATIBLE'];

/**
 * Evaluates a gate for a version against the one that the alias points to, on the images that both were evaluated on.
 * Versions that cannot be compared do not pass, also if the scores or the card of one of them cannot be read, or if they
 * have too few common images.
 * @param before undefined if the alias does not exist: then the version is compared with itself on its own images, so
 * that rules about losses hold
 */
export async function evaluateGate(
  gate: Gate,
  { before, after }: { readonly before: VersionRef | undefined; readonly after: VersionRef },
  store: ObjectStore,
): Promise<GateVerdict> {
  try {
    const { earlier, later, aligned } = await alignVersions(before ?? after, after, store);
    const compared = compareMetrics(aligned);
    const count = aligned.images.length;
    const failures = [...tooFewImages(count, [earlier, later]), ...applyRules(gate, compared)];
    return verdictOf(failures, count);
  } catch (error) {
    if (!isIncomparable(error)) throw error;
    const { expected = 'two versions that can be compared', message } = error;
    return verdictOf([{ rule: 'comparison', expected, received: message }], 0);
  }
}

function tooFewImages(common: number, versions: readonly EvaluatedVersion[]): GateFailure[] {
  const least = Math.min(FEWEST_COMMON, ...versions.map(imagesOf));
  if (common >= least) return [];
  const expected = `at least ${least} images that both versions were evaluated on`;
  return [{ rule: 'common images', expected, received: `${common}` }];
}

/** Number of different images that a version was evaluated on. */
function imagesOf({ images }: EvaluatedVersion): number {
  return new Set([...images.values()].map(({ sha256 }) => sha256)).size;
}

function isIncomparable(error: unknown): error is GraftError {
  return isUnreadableEvaluation(error) || (error instanceof GraftError && INCOMPARABLE.includes(error.code));
}

function verdictOf(failures: readonly GateFailure[], images: number): GateVerdict {
  return {
    passed: failures.length === 0,
    images,
    failures: failures.slice(0, MOST_FAILURES).map(({ rule, expected, received }) => ({
      rule: clip(rule),
      expected: clip(expected),
      received: clip(received),
    })),
    failureCount: failures.length,
  };
}

function clip(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}
