/** Builds the console: a page, its script in parts, its style, and the licences of what the script contains. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { englishOnly } from './english-only.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = join(ROOT, 'console');

/** @returns the files of the console by their names, uncompressed */
export async function buildConsole(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: [join(SOURCES, 'main.tsx'), join(SOURCES, 'theme.ts')],
    absWorkingDir: ROOT,
    outdir: SOURCES,
    bundle: true,
    splitting: true,
    chunkNames: 'part-[hash]',
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    logLevel: 'error',
    plugins: [englishOnly()],
  });
  const files = outputFiles.map(({ path, contents }): [string, Uint8Array] => [path.slice(SOURCES.length + 1), contents]);
  return new Map([
    ['index.html', await readFile(join(SOURCES, 'index.html'))],
    ['licences.txt', Buffer.from(await licencesOf(Object.keys(metafile.inputs)))],
    ...files,
  ]);
}

/** The folder of a package, and its name. */
const PACKAGE = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** The licence texts of the packages that contain these files. @param paths from the root of the repository */
async function licencesOf(paths: readonly string[]): Promise<string> {
  const folders = new Map<string, string>();
  for (const path of paths) {
    const [, folder, name] = PACKAGE.exec(path) ?? [];
    if (folder !== undefined && name !== undefined) folders.set(name, join(ROOT, folder));
  }
  const texts = [...folders].sort().map(async ([name, folder]) => {
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry)) ?? 'package.json';
    return `${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
