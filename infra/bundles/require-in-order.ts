import type { Plugin } from 'esbuild';

/**
 * Loads packages that a bundle does not contain where its code imports them. esbuild would move their imports to the
 * start of the bundle: a thread that the first module starts would wait until they are loaded.
 * @param names packages that can be loaded by `require`, which the bundle must define
 */
export function requireInOrder(names: readonly string[]): Plugin {
  return {
    name: 'require-in-order',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
        if (!names.includes(path)) return undefined;
        return kind === 'import-statement' ? { path, namespace: 'required' } : { path, external: true };
      });
      onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
      }));
    },
  };
}
