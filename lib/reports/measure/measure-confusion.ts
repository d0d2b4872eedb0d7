import { sum } from '../../arithmetic.ts';
import type { ModelReport } from '../../contracts/model-report.ts';
import { confusionPairs, mostConfusedClasses, type PredictedClasses } from '../statistics/confusion-pairs.ts';

/** The most classes of a matrix that stays readable. */
const MOST_SHOWN = 24;
const MOST_PAIRS = 30;

/** The confusion matrix of a single-label model, and its most frequent errors. */
export function measureConfusion(predicted: PredictedClasses, labels: readonly string[]): ModelReport['confusion'] {
  const pairs = confusionPairs(predicted);
  const shown = mostConfusedClasses(pairs, labels.length, MOST_SHOWN);
  const countOf = new Map(pairs.map((pair) => [`${pair.truth},${pair.predicted}`, pair.count]));
  const imagesOf = (of: number) => sum(pairs.filter(({ truth }) => truth === of).map(({ count }) => count));
  const errors = pairs.filter((pair) => pair.truth !== pair.predicted).sort((a, b) => b.count - a.count);
  return {
    labels: shown.map((of) => labels[of] ?? ''),
    counts: shown.map((truth) => shown.map((of) => countOf.get(`${truth},${of}`) ?? 0)),
    images: shown.map(imagesOf),
    pairs: errors
      .slice(0, MOST_PAIRS)
      .map(({ truth, predicted: of, count }) => ({ label: labels[truth] ?? '', predicted: labels[of] ?? '', count })),
    pairCount: errors.length,
  };
}
