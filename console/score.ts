import type { Metrics } from '../lib/contracts/metrics.ts';
import { percent } from '../lib/format.ts';
import { text } from './strings.ts';

type Scores = Partial<Pick<Metrics, 'accuracy' | 'meanAveragePrecision'>>;

/**
 * The most informative metric of a model, with its name. In multi-label models most labels are absent from most images,
 * so accuracy is always high: mean average precision stands for it.
 */
export function scoreOf({ accuracy, meanAveragePrecision }: Scores): readonly [name: string, value: string] | undefined {
  if (meanAveragePrecision !== undefined) return [text.job.meanAveragePrecision, percent(meanAveragePrecision)];
  return accuracy === undefined ? undefined : [text.job.accuracy, percent(accuracy)];
}

/** The same metric for a list, in which a number without a name is accuracy. */
export function shortScore(scores: Scores): string | undefined {
  const { meanAveragePrecision } = scores;
  return meanAveragePrecision === undefined ? scoreOf(scores)?.[1] : text.models.shortMap(percent(meanAveragePrecision));
}
