import type { z } from 'zod';
import type {
  DatasetMap,
  DoubtfulPairs,
  PairQuery,
  SimilarImages,
  SimilarQuery,
  UnknownImages,
  UnknownQuery,
} from '../../lib/contracts/find-images.ts';
import type { SuggestionQuery, Suggestions } from '../../lib/contracts/suggestions.ts';
import type { OpenVersionView } from '../../lib/labelling/version-view.ts';
import { openOnce } from '../../lib/open-once.ts';
import type { Log } from '../../lib/ports.ts';

/** Suggests labels of a version, and finds images by their features. */
export interface LabellingService {
  suggest(ref: string, query: SuggestionQuery): Promise<Suggestions>;
  similar(ref: string, query: SimilarQuery): Promise<SimilarImages>;
  map(ref: string): Promise<DatasetMap>;
  pairs(ref: string, query: z.infer<typeof PairQuery>): Promise<DoubtfulPairs>;
  unknown(ref: string, query: z.infer<typeof UnknownQuery>): Promise<UnknownImages>;
  close(): Promise<void>;
}

/**
 * Opens the service. It loads TensorFlow only at the first request, so that `graft dev` starts fast.
 * @param view opens the version that a request names: of this machine's store, or of an API elsewhere
 * @param load loads what finds and suggests; if that fails, the next request tries it again
 */
export function openLabellingService(log: Log, view: OpenVersionView, load = loadParts): LabellingService {
  const parts = openOnce(() => load(log));
  return {
    async suggest(ref, query) {
      const { spaces, suggestLabels } = await parts.get();
      return suggestLabels(await view(ref), query, spaces);
    },
    async similar(ref, query) {
      const { spaces, findSimilar } = await parts.get();
      return findSimilar(await view(ref), query, spaces);
    },
    async map(ref) {
      const { spaces, mapDataset } = await parts.get();
      return mapDataset(await view(ref), spaces);
    },
    async pairs(ref, query) {
      const { spaces, findPairs } = await parts.get();
      return findPairs(await view(ref), query, spaces);
    },
    async unknown(ref, query) {
      const { spaces, findUnknown } = await parts.get();
      return findUnknown(await view(ref), query, spaces);
    },
    async close() {
      const opened = await parts.opened();
      await opened?.spaces.close();
    },
  };
}

async function loadParts(log: Log) {
  const [{ openPreparedSpaces }, ...functions] = await Promise.all([
    import('../../lib/labelling/prepared-spaces.ts'),
    import('../../lib/labelling/suggest-labels.ts'),
    import('../../lib/labelling/find-similar.ts'),
    import('../../lib/labelling/map-dataset.ts'),
    import('../../lib/labelling/find-pairs.ts'),
    import('../../lib/labelling/find-unknown.ts'),
  ]);
  const [{ suggestLabels }, { findSimilar }, { mapDataset }, { findPairs }, { findUnknown }] = functions;
  return { spaces: openPreparedSpaces(log), suggestLabels, findSimilar, mapDataset, findPairs, findUnknown };
}
