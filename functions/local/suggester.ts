import type { Log } from '../../lib/ports.ts';
import type { Suggester } from './get-suggestions.ts';

/**
 * Suggests labels. It loads TensorFlow only at the first request, so that `graft dev` starts fast.
 * @param load loads what suggests; if that fails, the next request tries it again
 */
export function openSuggester(log: Log, load = loadParts): Suggester {
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
    async close() {
      const parts = await opened?.catch(() => undefined);
      await parts?.spaces.close();
    },
  };
}

async function loadParts(log: Log) {
  const [{ openFeatureSpaces }, { suggestLabels }] = await Promise.all([
    import('../../lib/pipeline/feature-spaces.ts'),
    import('../../lib/pipeline/suggest-labels.ts'),
  ]);
  return { spaces: openFeatureSpaces(log), suggestLabels };
}
