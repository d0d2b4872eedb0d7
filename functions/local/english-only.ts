import type { Plugin } from 'esbuild';

/**
 * Leaves the messages of other languages than English out of Zod (400 kB, a third of a small function, and a fifth of the
 * console's first load). Graft uses none of them, but esbuild keeps them, because Zod's namespace `z` refers to all.
 */
export function englishOnly(): Plugin {
  return {
    name: 'english-only',
    setup({ onLoad }) {
      onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
        contents: "export { default as en } from './en.js';",
      }));
    },
  };
}
