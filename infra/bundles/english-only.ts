import type { Plugin } from 'esbuild';

/**
 * Leaves the messages of other languages than English out of Zod (400 kB, a third of a small function), of which Graft
 * uses none: its namespace `z` refers to all of them, so esbuild keeps them.
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
