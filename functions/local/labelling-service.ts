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
import type { Log, World } from '../../lib/ports.ts';

/** Suggests labels of a version, and finds images by their features. */
export interface LabellingService {
  suggest(ref: string, query: SuggestionQuery, world: World): Promise<Suggestions>;
  similar(ref: string, query: SimilarQuery, world: World): Promise<SimilarImages>;
  map(ref: string, world: World): Promise<DatasetMap>;
  pairs(ref: string, query: z.infer<typeof PairQuery>, world: World): Promise<DoubtfulPairs>;
  unknown(ref: string, query: z.infer<typeof UnknownQuery>, world: World): Promise<UnknownImages>;
  close(): Promise<void>;
}

/**
 * Opens the service. It loads TensorFlow only at the first request, so that `graft dev` starts fast.
 * @param load loads what finds and suggests; if that fails, the next request tries it again
 */
export function openLabellingService(log: Log, load = loadParts): LabellingService {
  let opened: ReturnType<typeof loadParts> | undefined;
  const open = () => {
    opened ??= load(log).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    async suggest(ref, query, world) {
      const { spaces, suggestLabels } = await open();
      return suggestLabels(ref, query, world, spaces);
    },
    async similar(ref, query, world) {
      const { spaces, findSimilar } = await open();
      return findSimilar(ref, query, world, spaces);
    },
    async map(ref, world) {
      const { spaces, mapDataset } = await open();
      return mapDataset(ref, world, spaces);
    },
    async pairs(ref, query, world) {
      const { spaces, findPairs } = await open();
      return findPairs(ref, query, world, spaces);
    },
    async unknown(ref, query, world) {
      const { spaces, findUnknown } = await open();
      return findUnknown(ref, query, world, spaces);
    },
    async close() {
      const parts = await opened?.catch(() => undefined);
      await parts?.spaces.close();
    },
  };
}

async function loadParts(log: Log) {
  const [{ openFeatureSpaces }, ...functions] = await Promise.all([
    import('../../lib/pipeline/feature-spaces.ts'),
    import('../../lib/pipeline/suggest-labels.ts'),
    import('../../lib/pipeline/find-similar.ts'),
    import('../../lib/pipeline/map-dataset.ts'),
    import('../../lib/pipeline/find-pairs.ts'),
    import('../../lib/pipeline/find-unknown.ts'),
  ]);
  const [{ suggestLabels }, { findSimilar }, { mapDataset }, { findPairs }, { findUnknown }] = functions;
  return { spaces: openFeatureSpaces(log), suggestLabels, findSimilar, mapDataset, findPairs, findUnknown };
}
