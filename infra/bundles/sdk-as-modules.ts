import { existsSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/** Keeps the plugin from resolving what it resolves itself. */
const INNER = 'sdk-as-modules';

/**
 * Takes the ES modules of the AWS SDK, from which esbuild leaves out what is not used. For Node.js it would take the
 * CommonJS modules, as the packages ask: a function would contain every command of each service, and build the schemas
 * of all of them at its start.
 */
export function sdkAsModules(): Plugin {
  return {
    name: INNER,
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@(?:aws-sdk|smithy)\// }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === INNER) return undefined;
        const found = await resolve(path, { kind, importer, resolveDir, pluginData: INNER });
        const module = found.path.replace(/([/\\])dist-cjs\1/, '$1dist-es$1');
        return found.errors.length === 0 && existsSync(module) ? { path: module, sideEffects: found.sideEffects } : found;
      });
    },
  };
}
