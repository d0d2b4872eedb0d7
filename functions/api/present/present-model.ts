import type { Abstention } from '../../../lib/contracts/abstention.ts';
import { firstThatFit } from '../../../lib/contracts/fit-response.ts';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import type { ModelRecord } from '../../../lib/contracts/model-record.ts';
import { presentMetrics, presentSearch } from './present-metrics.ts';

/** Versions of a model that are told at most, besides those that aliases point to. */
const MOST = 1_000;
const VERSION_BYTES = 1_000_000;
const LABEL_BYTES = 1_000_000;
/** Thresholds of each precision that are told at most: about 0.8 MB together. */
const MOST_THRESHOLDS = 4_000;

/**
 * A model in a response: its newest versions, those that aliases point to, and the number of all if some are left out.
 */
export function presentModel({ name, versions, aliases, previous, lastVersion }: ModelRecord): ModelRecord {
  const record = { name, versions, aliases, ...(previous && { previous }), ...(lastVersion && { lastVersion }) };
  const pointedTo = new Set(Object.values(aliases));
  const newest = firstThatFit(versions.toReversed(), { bytes: VERSION_BYTES, most: MOST });
  if (newest.length === versions.length) return record;
  const oldest = newest.at(-1)?.version ?? Number.POSITIVE_INFINITY;
  const shown = versions.filter(({ version }) => version >= oldest || pointedTo.has(version));
  return { ...record, versions: shown, versionCount: versions.length };
}

/** A card in a response, with the first labels, classes and trials. The version's files have all of them. */
export function presentCard(card: ModelCard): ModelCard {
  const { metrics, search, abstention } = card;
  const labels = firstThatFit(card.labels, { bytes: LABEL_BYTES });
  return {
    ...card,
    labels,
    ...(labels.length < card.labels.length && { labelCount: card.labels.length }),
    ...(card.thresholds && { thresholds: card.thresholds.slice(0, labels.length) }),
    ...(abstention && { abstention: presentAbstention(abstention, labels.length) }),
    metrics: {
      ...metrics,
      validation: presentMetrics(metrics.validation),
      ...(metrics.test && { test: presentMetrics(metrics.test) }),
    },
    ...(search && { search: presentSearch(search) }),
  };
}

/** The thresholds of the first labels in a response. */
function presentAbstention({ images, targets }: Abstention, labels: number): Abstention {
  const most = Math.min(labels, MOST_THRESHOLDS);
  return {
    images,
    targets: targets.map(({ thresholds, support, lowerBounds, ...target }) => ({
      ...target,
      thresholds: thresholds.slice(0, most),
      ...(support && { support: support.slice(0, most) }),
      ...(lowerBounds && { lowerBounds: lowerBounds.slice(0, most) }),
    })),
  };
}
