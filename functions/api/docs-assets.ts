/**
 * Swagger UI's files, which the reference page loads. They are kept compressed: the largest is 1.7 MB, a quarter of it
 * with gzip.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const docsAssets = { 'swagger-ui-bundle.js': 'text/javascript', 'swagger-ui.css': 'text/css' } as const;

export type DocsAsset = keyof typeof docsAssets;

/** The folder, beside the built code, that holds the compressed files in a published package and in a Lambda bundle. */
export const DOCS_FOLDER = 'docs-assets';

/**
 * @returns one of Swagger UI's files, compressed with gzip: as it was built beside this code or, in a checkout, from
 * its package
 */
export function readDocsAsset(name: DocsAsset): Uint8Array {
  const built = fileURLToPath(new URL(`./${DOCS_FOLDER}/${name}.gz`, import.meta.url));
  return existsSync(built) ? readFileSync(built) : compress(name);
}

/** Writes the compressed files below a folder of built code. */
export function writeDocsAssets(folder: string): void {
  const into = join(folder, DOCS_FOLDER);
  mkdirSync(into, { recursive: true });
  for (const name of Object.keys(docsAssets).filter(isDocsAsset)) writeFileSync(join(into, `${name}.gz`), compress(name));
}

export function isDocsAsset(name: string): name is DocsAsset {
  return name in docsAssets;
}

function compress(name: DocsAsset): Uint8Array {
  const file = createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`);
  return gzipSync(readFileSync(file), { level: 9 });
}
