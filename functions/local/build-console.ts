/** Builds the console: a page, its script in parts, and its style. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../console', import.meta.url));

/** @returns the files of the console by their names, uncompressed */
export async function buildConsole(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(SOURCES, 'main.tsx'), join(SOURCES, 'theme.ts')],
    outdir: SOURCES,
    bundle: true,
    splitting: true,
    chunkNames: 'part-[hash]',
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    logLevel: 'error',
  });
  const files = outputFiles.map(({ path, contents }): [string, Uint8Array] => [path.slice(SOURCES.length + 1), contents]);
  return new Map([['index.html', await readFile(join(SOURCES, 'index.html'))], ...files]);
}
