import { firstThatFit } from '../../../lib/contracts/fit-response.ts';
import type { Metrics } from '../../../lib/contracts/metrics.ts';
import type { SearchResult } from '../../../lib/contracts/search-spec.ts';

/** Enough for some 1,500 classes with short names. */
const CLASS_BYTES = 300_000;
const TRIAL_BYTES = 500_000;

/** Metrics with the first classes, and the number of all if some are left out. */
export function presentMetrics(metrics: Metrics): Metrics {
  const perClass = firstThatFit(metrics.perClass, { bytes: CLASS_BYTES });
  if (perClass.length === metrics.perClass.length) return metrics;
  return { ...metrics, perClass, classCount: metrics.perClass.length };
}

/** A search with its first trials, including the best one, and the number of all if some are left out. */
export function presentSearch(search: SearchResult): SearchResult {
  const { best } = search;
  const [chosen, others] = [
    search.trials.filter(({ trial }) => trial === best),
    search.trials.filter(({ trial }) => trial !== best),
  ];
  const trials = firstThatFit([...chosen, ...others], { bytes: TRIAL_BYTES });
  if (trials.length === search.trials.length) return search;
  return { ...search, trials: trials.sort((a, b) => a.trial - b.trial), trialCount: search.trials.length };
}
