/**
 * Loaded before a program (`node --import`): functions share each extraction and each import, in small parts. The rules'
 * own numbers would need thousands of images. A module of test/drill/scripts/small-parts/ stands for the one of the same
 * name, and may import that.
 */
import { registerHooks } from 'node:module';

const folder = new URL('./small-parts/', import.meta.url).href;
const REPLACED = ['spread-extraction.ts', 'spread-import.ts', 'feature-shard.ts'];

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const name = REPLACED.find((one) => /\/lib\/(estimates|features)\//.test(resolved.url) && resolved.url.endsWith(`/${one}`));
    if (name === undefined || context.parentURL?.startsWith(folder)) return resolved;
    return { ...resolved, url: `${folder}${name}` };
  },
});
