import type { Log } from '../../lib/ports.ts';
import type { Suggester } from './get-suggestions.ts';

/** Suggests labels. It loads TensorFlow only at the first request, so that `graft dev` starts fast. */
export function openSuggester(log: Log): Suggester {
  const open = async () => {
    const [{ openFeatureSpaces }, { suggestLabels }] = await Promise.all([
      import('../../lib/pipeline/feature-spaces.ts'),
      import('../../lib/pipeline/suggest-labels.ts'),
    ]);
    return { spaces: openFeatureSpaces(log), suggestLabels };
  };
  let opened: ReturnType<typeof open> | undefined;
  return {
    async suggest(ref, query, world) {
      opened ??= open();
      const { spaces, suggestLabels } = await opened;
      return suggestLabels(ref, query, world, spaces);
    },
    async close() {
      await (await opened)?.spaces.close();
    },
  };
}
